"""ACE-Step 1.5 in terms of tensors: reading checkpoints, conditions, the sampling loop and the codec.

Knows nothing of projects, requests and devices' memory; imported in a worker only, for it imports torch.
Latents are 25 a second, float tensors of shape (batch, latents, channels); audio is 48 kHz stereo.
"""
