"""The REAPER bridge: the agent beside REAPER, the mailbox between the two, and what installs the scripts."""
