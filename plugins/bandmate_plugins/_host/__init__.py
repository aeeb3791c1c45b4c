"""Runs plugins: finds them, chooses an engine, checks parameters and everything a task yields."""
