"""The root of the command line: it loads the plugins, and ends as a program should."""
