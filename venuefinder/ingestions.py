"""The use case of ingestion jobs."""
