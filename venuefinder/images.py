"""Bytes of strangers in, upright RGB photos out."""
