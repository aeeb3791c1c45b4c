"""The engine `acestep`: ACE-Step 1.5."""
