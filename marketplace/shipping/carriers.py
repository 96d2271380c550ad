"""Who carries a parcel, which services they sell, and where a tracking number can be followed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Carrier:
    """`url` holds {number}; without one the number is shown, but cannot be followed by a link."""

    code: str
    name: str
    url: str = ""
    at_home: bool = True  # inside Indonesia
    abroad: bool = True


@dataclass(frozen=True, slots=True)
class Service:
    """What a rate row sells: a carrier's product. `name` is a proper name and is not translated."""

    code: str
    carrier: str
    name: str
    insured: bool = True


CARRIERS = {
    carrier.code: carrier
    for carrier in (
        Carrier("pos", "Pos Indonesia / EMS", "https://www.posindonesia.co.id/id/tracking?barcode={number}"),
        Carrier("jne", "JNE", "https://www.jne.co.id/tracking-package?awb={number}", abroad=False),
        Carrier("jnt", "J&T Express", "https://jet.co.id/track?awb={number}", abroad=False),
        Carrier("sicepat", "SiCepat", "https://www.sicepat.com/checkAwb?awb={number}", abroad=False),
        Carrier(
            "dhl",
            "DHL Express",
            "https://www.dhl.com/id-en/home/tracking/tracking-express.html?tracking-id={number}",
            at_home=False,
        ),
        Carrier("fedex", "FedEx", "https://www.fedex.com/fedextrack/?trknbr={number}", at_home=False),
        Carrier("ups", "UPS", "https://www.ups.com/track?tracknum={number}", at_home=False),
    )
}

SERVICES = {
    service.code: service
    for service in (
        Service("jne-reg", "jne", "JNE Reguler"),
        Service("jne-yes", "jne", "JNE YES"),
        Service("ems", "pos", "EMS"),
        Service("dhl", "dhl", "DHL Express"),
    )
}


def carriers_to(country: str) -> list[Carrier]:
    """Whom a workshop may hand a parcel for `country` to."""
    home = country == "ID"
    return [carrier for carrier in CARRIERS.values() if (carrier.at_home if home else carrier.abroad)]


def carrier_of(service: str) -> str:
    """The carrier that a service belongs to; '' for one that is no longer sold."""
    return SERVICES[service].carrier if service in SERVICES else ""


def service_name(service: str) -> str:
    return SERVICES[service].name if service in SERVICES else service


def carrier_name(carrier: str) -> str:
    return CARRIERS[carrier].name if carrier in CARRIERS else carrier


def clean_number(number: str) -> str:
    """A tracking number as carriers' pages take it: capitals and digits, without the spaces of the slip."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def tracking_url(carrier: str, number: str) -> str:
    """Where the parcel can be followed, or '' when nobody knows."""
    known = CARRIERS.get(carrier)
    return known.url.format(number=quote(number, safe="")) if known and known.url and number else ""
