"""What a parcel costs and when it arrives."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core.db import db
from marketplace.shipping import carriers
from marketplace.shipping.models import Rate, Zone
from marketplace.shipping.queries import Parcel, estimate, quotes
from marketplace.shipping.services import load_rates
from tests.factories.workshops import WorkshopFactory

TUESDAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _rates(app: Flask) -> None:
    load_rates()


def test_loading_twice_changes_nothing_and_keeps_what_was_corrected() -> None:
    rate = db.session.scalars(sa.select(Rate).order_by(Rate.id)).first()
    assert rate is not None
    rate.price_amount = 12_345
    db.session.commit()
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Rate))
    assert load_rates() == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Rate)) == count
    assert db.session.scalar(sa.select(Rate.price_amount).where(Rate.id == rate.id)) == 12_345


def test_every_service_of_the_table_has_a_name_and_a_carrier() -> None:
    for service in db.session.scalars(sa.select(Rate.service).distinct()):
        assert carriers.SERVICES[service].carrier in carriers.CARRIERS


def test_a_ring_to_melbourne_with_dates_around_the_working_days() -> None:
    cheap, quick = quotes([Parcel(1, 90)], "AU", TUESDAY)[1]
    assert (cheap.name, cheap.price_idr, cheap.ship_by) == ("EMS", 215_000, date(2026, 11, 26))
    assert (cheap.arrives_from, cheap.arrives_to) == (date(2026, 12, 4), date(2026, 12, 9))
    assert (quick.name, quick.arrives_from, quick.arrives_to) == ("DHL Express", date(2026, 12, 1), date(2026, 12, 3))


@pytest.mark.parametrize(
    ("grams", "price"), [(1, 215_000), (100, 215_000), (101, 230_000), (250, 230_000), (30_000, 4_695_000)]
)
def test_a_parcel_pays_the_first_band_that_takes_it(grams: int, price: int) -> None:
    quote = estimate(Parcel(1, grams), "AU")
    assert quote is not None
    assert quote.price_idr == price


def test_nobody_carries_more_than_the_heaviest_band() -> None:
    assert estimate(Parcel(1, 30_001), "AU") is None


def test_inside_indonesia_it_is_jne() -> None:
    assert [quote.name for quote in quotes([Parcel(1, 500)], "ID", TUESDAY)[1]] == ["JNE Reguler", "JNE YES"]


def test_a_country_that_no_zone_names_is_the_rest_of_the_world() -> None:
    quote = estimate(Parcel(1, 90), "BR")
    assert quote is not None
    assert quote.price_idr == 335_000


def test_time_at_the_bench_comes_before_the_journey() -> None:
    quote = estimate(Parcel(1, 500, lead_time_days=30), "AU", TUESDAY)
    assert quote is not None
    assert quote.ship_by == date(2026, 12, 29)


def test_a_workshop_with_rates_of_its_own_uses_only_those() -> None:
    workshop = WorkshopFactory()
    zone = db.session.scalar(sa.select(Zone.id).where(Zone.code == "australia"))
    assert zone is not None
    db.session.add(
        Rate(
            zone_id=zone,
            workshop_id=workshop.id,
            service="dhl",
            max_grams=500,
            price_amount=99_000,
            days_min=3,
            days_max=4,
        )
    )
    db.session.commit()
    found = quotes([Parcel(workshop.id, 90), Parcel(workshop.id + 1, 90)], "AU")
    assert [quote.price_idr for quote in found[workshop.id]] == [99_000]
    assert [quote.service for quote in found[workshop.id + 1]] == ["ems", "dhl"]


def test_two_statements_however_many_parcels(statements: type) -> None:
    with statements() as seen:
        quotes([Parcel(ident, 90) for ident in range(1, 30)], "AU")
    assert len(seen) == 2


def test_tracking_numbers_are_cleaned_and_safe_in_a_link() -> None:
    assert carriers.clean_number(" ee 123-456 789 id ") == "EE123456789ID"
    assert carriers.tracking_url("pos", "EE123456789ID").endswith("barcode=EE123456789ID")
    assert (
        carriers.tracking_url("jne", 'A"><script>') == "https://www.jne.co.id/tracking-package?awb=A%22%3E%3Cscript%3E"
    )
    assert carriers.tracking_url("someone", "1234") == ""


def test_which_carriers_a_workshop_can_choose() -> None:
    assert {carrier.code for carrier in carriers.carriers_to("ID")} == {"pos", "jne", "jnt", "sicepat"}
    assert {carrier.code for carrier in carriers.carriers_to("AU")} == {"pos", "dhl", "fedex", "ups"}
