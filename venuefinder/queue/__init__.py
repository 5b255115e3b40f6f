"""Jobs that run in the background on any machine: tasks in PostgreSQL, kept by procrastinate in a schema of its own."""
