"""The server: sessions, jobs, workers, store."""
