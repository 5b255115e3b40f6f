"""Jobs that run in the background on any machine: tasks in PostgreSQL, kept by procrastinate in a schema of its own.

`app` connects the library to our database, `deferring` hands jobs over, `worker` takes them, `schema` makes and keeps
the library's tables.
"""
