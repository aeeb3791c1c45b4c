"""From what a musician asks for to what is sent to the server."""
