"""Keep the catalogue clean: links between copies, tags, and what removed photos leave behind."""
