"""A recording played again in another style."""
