"""From notes to audio: instruments, drums, effects, levels and the limiter."""
