"""From a prompt to decisions about the music."""
