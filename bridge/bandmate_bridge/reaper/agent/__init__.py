"""The agent: the process beside REAPER that runs jobs for the scripts."""
