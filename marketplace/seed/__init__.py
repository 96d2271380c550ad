"""The demo shop and the synthetic catalogue."""
