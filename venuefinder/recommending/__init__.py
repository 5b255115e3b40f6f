"""From what somebody likes to other venues, each with the reason."""
