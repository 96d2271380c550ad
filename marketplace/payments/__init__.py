"""Processors, attempts, messages and settlement."""
