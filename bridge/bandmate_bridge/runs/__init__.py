"""What the commands do: from a request to its result in its place."""
