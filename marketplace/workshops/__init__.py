"""The seller's business: application, standing, members."""
