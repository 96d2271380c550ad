"""News of orders for the areas above, sent inside the transaction that they tell about."""

from __future__ import annotations

from blinker import signal

# seller_order_id: int, by: int | None (the admin or the workshop's person; None: the buyer). A paid part has ended
# before it was sent, its pieces are back; its order and its row are locked.
part_canceled = signal("orders.part_canceled")
