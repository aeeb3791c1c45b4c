"""Jobs that ran before: listing them, fetching their results, running them again."""
