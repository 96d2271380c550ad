"""Money out to workshops, and the proof that all of it is accounted for."""
