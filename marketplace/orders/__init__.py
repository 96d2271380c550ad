"""The purchase: order, seller orders, lines, shipments."""
