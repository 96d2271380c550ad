"""Photos in, renditions out."""
