-- The version of these scripts. The agent compares it with its own, and says when they are stale.
return "0.1.0"
