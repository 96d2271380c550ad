"""Mail: an outbox of rows, and what sends it."""
