"""The collective's back office."""
