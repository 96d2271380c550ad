"""Talks between buyers and workshops."""
