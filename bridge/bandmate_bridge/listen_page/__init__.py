"""`bandmate listen`: examples rendered, measured, and laid out as a page to look at and hear."""
