"""Ingestion: reader -> planner -> decode -> encode -> writer, overlapping, in bounded memory."""
