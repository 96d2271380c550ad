"""The shape of what a workshop types."""
