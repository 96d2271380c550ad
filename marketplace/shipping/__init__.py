"""Zones, rates, carriers and promised dates."""
