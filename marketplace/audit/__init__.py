"""Who did what, before, after and why."""
