"""Reads about visitors: what a workshop's pieces brought, and what the shop could not give."""
