"""The built-in engines, registered as any plugin registers its own. None imports another."""
