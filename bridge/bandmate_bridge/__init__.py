"""The bridges: the client, the project file, the command line."""
