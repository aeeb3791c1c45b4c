"""A project that stays connected, so that surfaces and other clients act on it."""
