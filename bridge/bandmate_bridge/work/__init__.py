"""What the commands do: run jobs, receive what comes of them, and put it where it was asked for."""
