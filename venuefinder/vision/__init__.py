"""The seam to vision-language models: what they are asked of photos, what they answer, and who remembers it."""
