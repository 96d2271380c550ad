"""Workshops and who belongs to them."""

from __future__ import annotations

import factory

from marketplace.core import clock
from marketplace.workshops.models import Member, MemberRole, Workshop

from .base import RowFactory


class WorkshopFactory(RowFactory):
    """A workshop in good standing."""

    class Meta:
        model = Workshop

    name = factory.Sequence(lambda n: f"Jawan Sari {n}")
    slug = factory.LazyAttribute(lambda o: o.name.lower().replace(" ", "-"))
    initials = factory.LazyAttribute(lambda o: "".join(word[0] for word in o.name.split())[:2].upper())
    contact_name = "Luh"
    form_of_address = "Ibu"
    phone = "+6281234567890"
    email = factory.LazyAttribute(lambda o: f"{o.slug}@example.test")
    banjar = "Tangsub"
    since_year = 1994
    artisan_count = 6
    specialities = ["granulation"]
    story_en = "Two brothers share one long bench. Everything begins with grains."
    story_id = "Dua bersaudara berbagi satu meja panjang. Semua berawal dari butiran."
    approved_at = factory.LazyFunction(clock.now)
    created_at = factory.LazyFunction(clock.now)


class MemberFactory(RowFactory):
    """Give `workshop_id` and `user_id`."""

    class Meta:
        model = Member

    role = MemberRole.OWNER
    created_at = factory.LazyFunction(clock.now)
