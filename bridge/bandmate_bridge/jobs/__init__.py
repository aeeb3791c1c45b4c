"""Running one job to its end, and receiving what it renders."""
