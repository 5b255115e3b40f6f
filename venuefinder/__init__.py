"""VenueFinder: find a venue by describing it."""

__version__ = "0.1.0"
