"""People: sign-in, sessions, addresses."""
