"""Rows for stories, by area. Each factory saves what it builds in the session of the test's app."""
