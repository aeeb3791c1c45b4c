"""The musicians of the band: each turns a chart into notes."""
