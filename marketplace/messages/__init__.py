"""Talk between a buyer and a workshop, about a piece or an order."""
