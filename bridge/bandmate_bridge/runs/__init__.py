"""Running a job, and putting its result where it belongs: files, a project, an item."""
