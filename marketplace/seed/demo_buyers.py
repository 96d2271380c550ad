"""Who buys in the demo shop: two with an account, one guest. No real person is meant."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.accounts.postal import PostalAddress


@dataclass(frozen=True)
class Buyer:
    """A guest, or somebody with an account of this email."""

    email: str
    language: str
    address: PostalAddress


MAYA = Buyer(
    "buyer@demo.test",
    "en",
    PostalAddress("Maya Chen", "+61400000000", "AU", "18 Lygon Street", city="Melbourne", state="VIC", postcode="3053"),
)
AYU = Buyer(
    "buyer2@demo.test",
    "id",
    PostalAddress(
        "Ayu Lestari",
        "+6281234567890",
        "ID",
        "Jalan Kemang Timur 14, RT 05/RW 02",
        "Mampang Prapatan",
        "Jakarta Selatan",
        "DKI Jakarta",
        "12730",
    ),
)
CLAIRE = Buyer(
    "claire@demo.test",
    "en",
    PostalAddress("Claire Martin", "+33612345678", "FR", "7 rue des Tables Claudiennes", city="Lyon", postcode="69001"),
)
