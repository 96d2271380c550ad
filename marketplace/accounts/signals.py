"""News of accounts for the areas above. Both are sent inside the transaction that they tell about."""

from __future__ import annotations

from blinker import signal

# user_id: int, session_id: int | None (the visitor's session before it was renewed): the bag moves over.
signed_in = signal("accounts.signed_in")

# user_id: int, email: str: the address is proven to be theirs; a guest's earlier orders may join the account.
email_confirmed = signal("accounts.email_confirmed")
