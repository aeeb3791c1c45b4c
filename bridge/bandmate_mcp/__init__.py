"""Bandmate for assistants: an MCP server whose tools are the Python API and the command line's runs.

It uses the official SDK, `mcp`: it is where new revisions of the protocol come first, its stdio and HTTP
transports need nothing else, and its client tests this server. `fastmcp` adds composition, proxies and deployment
around the same protocol, none of which a server beside one DAW needs.
"""
