"""The basket before the order."""
