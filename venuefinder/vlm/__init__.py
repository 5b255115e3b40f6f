"""Vision-language models: the adapters behind `venuefinder.vision`. The only package besides encoders with torch."""
