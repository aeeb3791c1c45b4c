"""Audio moved in time: measured against the grid, stretched along a map, and joined without a seam."""
