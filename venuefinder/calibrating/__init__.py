"""What scores are worth: measured on unrelated pairs and on labelled ones."""
