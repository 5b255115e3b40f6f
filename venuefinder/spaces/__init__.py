"""Embedding spaces as wholes: which one serves, how its index is built and tuned, how one replaces another."""
