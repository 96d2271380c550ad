"""A workshop's pieces go out as a file, are changed in a spreadsheet, and come back: whole, or not at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import (
    Category,
    Import,
    ImportStatus,
    Listing,
    ListingState,
    ListingVersion,
    PriceChange,
    StockMove,
    StockReason,
    Variant,
    VersionStatus,
)
from marketplace.catalog.services import imports
from marketplace.catalog.sheet import reading
from marketplace.catalog.sheet.columns import BY_CODE
from marketplace.core.db import db
from marketplace.core.errors import IllegalTransition, NotFound
from marketplace.core.i18n import speaking
from marketplace.workshops.models import Member, MemberRole, Workshop
from tests.factories.accounts import UserFactory
from tests.factories.catalog import CategoryFactory, ListingFactory, variants_of
from tests.factories.sheets import RING, Row, downloaded, file_of
from tests.factories.workshops import MemberFactory, WorkshopFactory

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def luh() -> Workshop:
    root = CategoryFactory(slug="jewellery", name_en="Jewellery", name_id="Perhiasan")
    CategoryFactory(slug="rings", name_en="Rings", name_id="Cincin", size_kind="ring", parent_id=root.id)
    CategoryFactory(slug="bowls", name_en="Bowls", name_id="Bokor", parent_id=root.id)
    return WorkshopFactory()


def rings() -> Any:
    return db.session.scalars(sa.select(Category).where(Category.slug == "rings")).one()


def send(workshop_id: int, data: bytes, *, name: str = "barang.csv", lang: str = "en") -> Import:
    """Sent and looked through: the worker of the tests runs at once."""
    maker = MemberFactory(workshop_id=workshop_id, user_id=UserFactory().id, role=MemberRole.MAKER)
    ident = imports.receive(workshop_id, maker.user_id, name, data, lang)
    return db.session.get_one(Import, ident, populate_existing=True)


def write(row: Import) -> Import:
    imports.approve(row.id, row.workshop_id, by=row.user_id)
    return db.session.get_one(Import, row.id, populate_existing=True)


def faults(row: Import) -> set[tuple[int, str]]:
    return {(number, column) for number, column, _sentence in row.errors}


def count(model: Any) -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0)


def test_new_pieces_become_drafts_with_sizes_prices_and_stock(luh: Workshop) -> None:
    sized = [{**RING, "sku": "LS-1", "size": size, "stock": stock} for size, stock in (("7", "2"), ("US 8", "0"))]
    bowl = {**RING, "category_id": "bokor", "title_id": "Bokor bulat", "price": "1,2 jt", "techniques": "raising"}
    seen = send(luh.id, file_of([*sized, bowl]))
    assert (seen.status, seen.new_count, seen.changed_count) == (ImportStatus.CHECKED, 2, 0)
    assert count(Listing) == 0
    assert [(row, title) for row, title, _what in seen.preview] == [(2, "Cincin jawan"), (4, "Bokor bulat")]
    assert write(seen).status is ImportStatus.APPLIED
    ring, bowl_made = db.session.scalars(sa.select(Listing).order_by(Listing.id)).all()
    assert (ring.sku, ring.state, ring.workshop_id) == ("LS-1", ListingState.DRAFT, luh.id)
    assert [(v.size, v.stock, v.price_amount, v.size_mm) for v in variants_of(ring)] == [
        ("US 7", 2, 745_000, Decimal("17.32")),
        ("US 8", 0, 745_000, Decimal("18.13")),
    ]
    assert [v.price_amount for v in variants_of(bowl_made)] == [1_200_000]
    words = db.session.scalars(sa.select(ListingVersion).where(ListingVersion.listing_id == ring.id)).one()
    assert (words.status, words.category_id, words.techniques) == (VersionStatus.DRAFT, rings().id, ["granulation"])
    assert (words.weight_grams, words.fineness) == (Decimal("6.8"), 925)
    moves = db.session.execute(sa.select(StockMove.change, StockMove.reason).order_by(StockMove.id)).all()
    assert [tuple(move) for move in moves] == [(2, StockReason.IMPORTED), (3, StockReason.IMPORTED)]


@pytest.mark.parametrize("lang", ["en", "id"])
def test_what_is_downloaded_and_sent_back_changes_nothing(luh: Workshop, lang: str) -> None:
    ListingFactory(workshop=luh, category=rings(), sizes=("US 6", "US 7"), variant_weights={"US 7": Decimal("7.1")})
    ListingFactory(
        workshop=luh,
        title_id='=HYPERLINK("http://x")',
        title_en="'-quoted",
        description_id='Baris satu\n"Baris dua"; tiga, empat\n+62',
        stones_id="@garnet",
        made_to_order=True,
        lead_time_days=14,
        stock=0,
    )
    ListingFactory(workshop=luh, live=False, weight_grams=None, fineness=None, techniques=[], sku=None)
    send_draft = file_of([{"title_id": "Tanpa harga", "size": "US 5", "stock": "2"}])
    write(send(luh.id, send_draft))
    before = downloaded(luh.id, lang)
    seen = send(luh.id, before, lang=lang)
    assert (seen.status, seen.row_count, seen.errors) == (ImportStatus.CHECKED, 5, [])
    assert (seen.new_count, seen.changed_count, seen.preview) == (0, 0, [])
    assert write(seen).status is ImportStatus.APPLIED
    assert downloaded(luh.id, lang) == before


def test_a_file_in_indonesian_is_read_in_an_english_shop_and_the_other_way(luh: Workshop) -> None:
    write(send(luh.id, file_of([{**RING, "made_to_order": "yes", "lead_time_days": "10"}])))
    for lang, other in (("id", "en"), ("en", "id")):
        seen = send(luh.id, downloaded(luh.id, lang), lang=other)
        assert (seen.status, seen.changed_count, seen.errors) == (ImportStatus.CHECKED, 0, [])
        imports.cancel(seen.id, luh.id)


def test_a_change_reaches_price_stock_words_and_state(luh: Workshop) -> None:
    piece = ListingFactory(workshop=luh, category=rings(), sizes=("US 6", "US 7"), stock=4)
    rows: list[Row] = [
        {"number": str(piece.id), "title_id": "Cincin Baru", "state": "Paused", "size": "6", "price": "800.000"},
        {"number": str(piece.id), "size": "US 7", "price": "745.000", "stock": "1", "stock_was": "4"},
        {"number": str(piece.id), "size": "9", "price": "900rb", "stock": "2"},
    ]
    seen = write(send(luh.id, file_of(rows)))
    assert (seen.status, seen.changed_count) == (ImportStatus.APPLIED, 1)
    db.session.expire_all()
    assert [(v.size, v.price_amount, v.stock) for v in variants_of(piece)] == [
        ("US 6", 800_000, 4),
        ("US 7", 745_000, 1),
        ("US 9", 900_000, 2),
    ]
    assert db.session.get_one(Listing, piece.id).state is ListingState.PAUSED
    versions = db.session.scalars(sa.select(ListingVersion).order_by(ListingVersion.id)).all()
    assert [(v.status, v.title_id) for v in versions] == [
        (VersionStatus.APPROVED, "Cincin Kubah Jawan"),  # what buyers saw stays until the words are published
        (VersionStatus.DRAFT, "Cincin Baru"),
    ]
    prices = db.session.execute(sa.select(PriceChange.old_amount, PriceChange.new_amount, PriceChange.reason))
    assert {tuple(row) for row in prices} == {(None, 900_000, "import"), (745_000, 800_000, "import")}


def test_a_sale_between_download_and_sending_back_stays_subtracted(luh: Workshop) -> None:
    piece = ListingFactory(workshop=luh, stock=5)
    file = downloaded(luh.id).replace(b",5,5,", b",8,5,")
    db.session.execute(sa.update(Variant).values(stock=4))
    db.session.commit()
    assert write(send(luh.id, file)).status is ImportStatus.APPLIED
    db.session.expire_all()
    assert variants_of(piece)[0].stock == 7


def test_more_than_is_left_is_refused_and_nothing_of_the_file_is_written(luh: Workshop) -> None:
    piece = ListingFactory(workshop=luh, stock=5)
    rows = [{**RING, "title_id": "Baru"}, {"number": str(piece.id), "price": "900.000", "stock": "1", "stock_was": "5"}]
    seen = send(luh.id, file_of(rows))
    db.session.execute(sa.update(Variant).values(stock=2))  # three were sold while the page was open
    db.session.commit()
    after = write(seen)
    assert after.status is ImportStatus.REFUSED
    assert faults(after) == {(3, str(BY_CODE["stock"].heading))}
    db.session.expire_all()
    assert count(Listing) == 1
    assert (variants_of(piece)[0].stock, variants_of(piece)[0].price_amount) == (2, 745_000)


# What a cell must not hold, and the column at which it is said.
BAD_CELLS: tuple[tuple[str, str], ...] = (
    ("number", "999999"),
    ("number", "satu"),
    ("state", "On sale"),
    ("state", "hilang"),
    ("category_id", "Pesawat"),
    ("title_id", "x" * 121),
    ("description_id", "y" * 5001),
    ("material", "perunggu"),
    ("fineness", "926"),
    ("fineness", "sembilan"),
    ("plating", "chrome"),
    ("weight_grams", "berat"),
    ("weight_grams", "0"),
    ("weight_grams", "-3"),
    ("techniques", "jawan | sulap"),
    ("finish", "pink"),
    ("sold_as", "lusin"),
    ("set_count", "0"),
    ("set_count", "2,5"),
    ("engraving_limit", "121"),
    ("engraving_price_idr", "-1"),
    ("made_to_order", "mungkin"),
    ("lead_time_days", "366"),
    ("size", "50"),
    ("price", "gratis"),
    ("price", "999"),
    ("price", "10,5"),
    ("stock", "banyak"),
    ("stock", "-1"),
    ("stock", "1,5"),
    ("stock", "10000"),
    ("size_weight", "x"),
    ("labour", "x"),
)


def heading(code: str) -> str:
    with speaking("en"):
        return str(BY_CODE[code].heading)


def test_of_five_thousand_rows_exactly_the_fifty_faults_are_told(luh: Workshop) -> None:
    rows = [{**dict.fromkeys(BY_CODE, ""), **RING, "sku": f"LS-{n}"} for n in range(5_000)]
    wanted: set[tuple[int, str]] = set()
    places = range(7, 5_000, 99)  # from the first rows to the last ones
    for n in range(50):
        code, cell = BAD_CELLS[n % len(BAD_CELLS)]
        rows[places[n]][code] = cell
        wanted.add((places[n] + 2, heading(code)))
    seen = send(luh.id, file_of(rows))
    assert seen.status is ImportStatus.REFUSED
    assert faults(seen) == wanted
    assert seen.error_count == 50
    assert all(sentence and "%(" not in sentence for _row, _column, sentence in seen.errors)
    with pytest.raises(IllegalTransition):
        imports.approve(seen.id, luh.id, by=seen.user_id)
    assert (count(Listing), count(Variant), count(StockMove)) == (0, 0, 0)
    for n in range(50):
        code, _cell = BAD_CELLS[n % len(BAD_CELLS)]
        rows[places[n]][code] = {**RING}.get(code, "")
    mended = write(send(luh.id, file_of(rows)))
    assert (mended.status, mended.new_count) == (ImportStatus.APPLIED, 5_000)
    assert (count(Listing), count(Variant)) == (5_000, 5_000)


def test_rows_of_one_piece_agree(luh: Workshop) -> None:
    rows = [
        {**RING, "sku": "A", "size": "6"},
        {**RING, "sku": "A", "size": "7", "title_id": "Lain"},
        {"sku": "A", "size": "8", "price": "800.000"},
        {"sku": "A", "size": "US 6", "price": "800.000"},
    ]
    seen = send(luh.id, file_of(rows))
    assert faults(seen) == {(3, heading("title_id")), (5, heading("size"))}


def test_a_code_is_one_pieces(luh: Workshop) -> None:
    first, second = ListingFactory(workshop=luh, sku="A"), ListingFactory(workshop=luh, sku="B")
    seen = send(luh.id, file_of([{"number": str(second.id), "sku": "A"}]))
    assert faults(seen) == {(2, heading("sku"))}
    known = send(luh.id, file_of([{"sku": "A", "price": "900.000"}]))  # a code alone names its piece too
    assert (known.new_count, known.changed_count) == (0, 1)
    assert write(known).status is ImportStatus.APPLIED
    db.session.expire_all()
    assert variants_of(first)[0].price_amount == 900_000


def test_another_workshops_piece_is_unknown(luh: Workshop) -> None:
    theirs = ListingFactory(sku="THEIRS")
    seen = send(luh.id, file_of([{"number": str(theirs.id), "price": "1.000"}]))
    assert faults(seen) == {(2, heading("number"))}
    mine = send(luh.id, file_of([{**RING, "sku": "THEIRS"}]))
    assert (mine.status, mine.new_count) == (ImportStatus.CHECKED, 1)  # codes are each workshop's own
    with pytest.raises(NotFound):
        imports.approve(mine.id, theirs.workshop_id, by=mine.user_id)


def test_semicolons_tabs_bom_and_utf16_are_read(luh: Workshop) -> None:
    row = {**RING, "title_en": "Ring, “granulated”; with é"}
    files = [
        file_of([row], delimiter=";"),
        file_of([row], delimiter="\t", encoding="utf-16"),
        file_of([row], encoding="utf-8"),
        b"\xef\xbb\xbfsep=;\r\n" + file_of([row], delimiter=";", encoding="utf-8"),
        file_of([row]).replace(b"\r\n", b"\n"),
    ]
    for data in files:
        seen = send(luh.id, data)
        assert (seen.status, seen.new_count, seen.errors) == (ImportStatus.CHECKED, 1, [])
        imports.cancel(seen.id, luh.id)


UNREADABLE: dict[str, tuple[bytes, type[reading.FileRefused]]] = {
    "windows-1252": (file_of([{**RING, "title_en": "Café"}], encoding="cp1252"), reading.WrongAlphabet),
    "a workbook": (b"PK\x03\x04" + bytes(200), reading.NotText),
    "a picture": (b"\xff\xd8\xff\xe0" + bytes(200), reading.NotText),
    "other headings": (b"a,b,c\r\n1,2,3\r\n", reading.UnknownHeading),
    "no headings": (b"\r\n\r\nx", reading.NoHeadings),
    "a heading twice": (b"Number,Code,Code\r\n1,2,3\r\n", reading.HeadingTwice),
    "headings alone": (b"Number,Code\r\n", reading.Empty),
    "an open quotation": (b'Number,Code\r\n1,"2\r\n', reading.Broken),
    "too many rows": (b"Code\r\n" + b"x\r\n" * 5_001, reading.TooManyRows),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_table_of_pieces_is_said_in_plain_words(luh: Workshop, name: str) -> None:
    data, refusal = UNREADABLE[name]
    with pytest.raises(refusal):
        reading.read(data)
    seen = send(luh.id, data)
    assert seen.status is ImportStatus.REFUSED
    [(row, _column, sentence)] = seen.errors
    assert row == 1
    assert sentence.endswith((".", "”."))


def test_a_formula_is_text_on_the_way_in_and_out(luh: Workshop) -> None:
    row = {**RING, "title_id": "=1+1", "stones_id": "@SUM(A1)", "dimensions_id": "'=2"}
    write(send(luh.id, file_of([row])))
    words = db.session.scalars(sa.select(ListingVersion)).one()
    assert (words.title_id, words.stones_id, words.dimensions_id) == ("=1+1", "@SUM(A1)", "'=2")
    out = downloaded(luh.id).decode()
    assert ",'=1+1," in out
    assert ",'@SUM(A1)," in out
    assert ",''=2," in out


def test_the_worker_runs_twice_and_writes_once(luh: Workshop) -> None:
    seen = write(send(luh.id, file_of([RING])))
    imports.apply(seen.id)
    imports.check(seen.id)
    assert count(Listing) == 1


def test_one_file_at_a_time(luh: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "enqueue", lambda *_job: None)
    first = send(luh.id, file_of([RING]))
    with pytest.raises(imports.StillRunning):
        send(luh.id, file_of([RING]))
    monkeypatch.undo()
    assert imports.finish_left() == 0  # its worker may still be at it
    db.session.execute(sa.update(Import).values(created_at=first.created_at - 2 * imports.LATE))
    db.session.commit()
    assert imports.finish_left() == 1
    assert db.session.get_one(Import, first.id, populate_existing=True).status is ImportStatus.CHECKED


def test_old_files_are_forgotten(luh: Workshop) -> None:
    seen = write(send(luh.id, file_of([RING])))
    db.session.execute(sa.update(Import).values(finished_at=seen.finished_at - imports.KEPT * 2))
    db.session.commit()
    assert imports.finish_left() == 1
    assert db.session.get_one(Import, seen.id, populate_existing=True).file_key == ""


def test_who_was_removed_meanwhile_writes_nothing(luh: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = send(luh.id, file_of([RING]))
    monkeypatch.setattr(imports, "enqueue", lambda *_job: None)
    imports.approve(seen.id, luh.id, by=seen.user_id)
    db.session.execute(sa.delete(Member).where(Member.user_id == seen.user_id))
    db.session.commit()
    imports.apply(seen.id)
    assert db.session.get_one(Import, seen.id, populate_existing=True).status is ImportStatus.REFUSED
    assert count(Listing) == 0


def test_a_file_that_breaks_the_worker_stops_no_other_and_is_given_up(
    luh: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "enqueue", lambda *_job: None)
    broken, other = send(luh.id, file_of([RING])), send(WorkshopFactory().id, file_of([RING]))
    key, began = broken.file_key, broken.created_at
    reading_of = imports.storage().read

    def read(asked: str, *, private: bool = False) -> bytes | None:
        if asked == key:
            raise OSError("the disk is away")
        return reading_of(asked, private=private)

    monkeypatch.setattr(type(imports.storage()), "read", lambda _self, asked, **how: read(asked, **how))
    for age, wanted in ((2 * imports.LATE, ImportStatus.RECEIVED), (2 * imports.GIVE_UP, ImportStatus.REFUSED)):
        db.session.execute(sa.update(Import).where(Import.beat_at.is_(None)).values(created_at=began - age))
        db.session.commit()
        imports.finish_left()
        assert db.session.get_one(Import, broken.id, populate_existing=True).status is wanted
    assert db.session.get_one(Import, other.id, populate_existing=True).status is ImportStatus.CHECKED


def test_a_file_that_nobody_answers_is_put_aside(luh: Workshop) -> None:
    seen = send(luh.id, file_of([RING]))
    db.session.execute(sa.update(Import).values(created_at=seen.created_at - 2 * imports.KEPT))
    db.session.commit()
    imports.finish_left()
    assert db.session.get_one(Import, seen.id, populate_existing=True).status is ImportStatus.CANCELED


def test_a_draft_without_a_price_keeps_the_weight_and_charge_of_its_sizes(luh: Workshop) -> None:
    write(send(luh.id, file_of([{"title_id": "Gelang", "size": "S", "size_weight": "12,5", "labour": "90.000"}])))
    [piece] = db.session.scalars(sa.select(Listing)).all()
    write(send(luh.id, file_of([{"number": str(piece.id), "title_id": "Gelang tangan"}])))
    db.session.refresh(piece)
    [size] = piece.unfinished
    assert (size["size"], size["weight_grams"], size["labour_idr"]) == ("S", "12.5", 90_000)
    write(send(luh.id, file_of([{"number": str(piece.id), "size": "S", "price": "450.000"}])))
    [variant] = variants_of(piece)
    assert (variant.price_amount, variant.weight_grams, variant.labour_idr) == (450_000, Decimal("12.5"), 90_000)
