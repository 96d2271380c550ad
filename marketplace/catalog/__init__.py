"""Listings and their versions, variants, stock, categories, pricing."""
