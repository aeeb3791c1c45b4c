"""Jobs of this user that ran before: listing them, and how they were made."""
