"""What engines that separate with a neural network share: overlapping tiles in a stream, rates, stems.

A network is a function from a batch of tiles to a batch of stems; only `runner` knows torch.
"""
