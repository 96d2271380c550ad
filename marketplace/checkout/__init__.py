"""The conversation that turns a cart into an order."""
