"""What `analyse` reports, of recordings and of MIDI items."""
