"""What the collective decides: listings, workshops."""
