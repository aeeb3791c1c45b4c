"""The demo project of `bandmate demo`."""
