"""A catalogue as a folder of Parquet files, with its embeddings: written from one database, read into another.

`layout` says which files there are and what is in them (docs/guides/moving.md shows it to readers of such folders).
No model is loaded on either side.
"""
