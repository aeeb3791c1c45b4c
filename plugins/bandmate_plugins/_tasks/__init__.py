"""The built-in tasks, registered as any plugin registers its own."""
