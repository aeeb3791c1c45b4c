"""Where results go: files, a project, an item. Each is complete or leaves no trace."""
