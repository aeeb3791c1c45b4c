"""The bridge's commands, one file each: they read the command line and hand over to `work`."""
