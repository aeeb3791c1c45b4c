"""What Bandmate costs, as ratios measured in one run: `python -m tests.bench [--json FILE]`."""
