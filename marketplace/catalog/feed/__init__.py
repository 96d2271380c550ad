"""The feed of metal rates: asked by the worker, believed only within bounds (docs/metal-rates.md)."""
