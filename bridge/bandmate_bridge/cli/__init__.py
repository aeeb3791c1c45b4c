"""The bridge's part of the command line: commands, their options, progress and reports."""
