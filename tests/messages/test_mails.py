"""The copy by mail: the words and a link, in the reader's language, once for a message."""

from __future__ import annotations

from marketplace.core.db import db
from marketplace.media.models import PhotoShape
from marketplace.messages import access, services
from tests.factories.accounts import AdminFactory
from tests.factories.catalog import PhotoFactory, variants_of
from tests.factories.messages import HOME, answer, ask, words
from tests.factories.orders import paid_order, parts_of
from tests.helpers import SentMail, links_in, mails

from .conftest import People


def _new() -> list[SentMail]:
    return [mail for mail in mails() if "/messages" in mail.text]


def test_the_workshop_gets_the_question_in_its_language(people: People) -> None:
    talk = ask(people.buyer, people.piece.id, "Is it <b>heavy</b>?\nMy wrist is small.")
    [mail] = _new()
    assert mail.to == people.workshop.email
    assert "Cincin Kubah Jawan" in mail.subject, "the piece as the workshop calls it"
    assert "Hannah Moss" in mail.subject
    assert people.buyer.email not in mail.text + mail.html
    assert "> Is it <b>heavy</b>?\n> My wrist is small." in mail.text
    assert "Is it &lt;b&gt;heavy&lt;/b&gt;?" in mail.html
    assert f"/seller/messages/{talk}" in links_in(mail.text)


def test_the_buyer_gets_the_answer_without_the_members_name(people: People) -> None:
    talk = ask(people.buyer, people.piece.id)
    answer(people.as_member, talk, "Six days.")
    mail = _new()[-1]
    assert mail.to == people.buyer.email
    assert "Granulated Dome Ring" in mail.subject
    assert "Luh Selaka" in mail.subject
    assert "Kadek" not in mail.text + mail.html + mail.subject
    assert f"/account/messages/{talk}" in links_in(mail.text)


def test_a_guest_is_written_to_with_the_orders_own_link(people: People) -> None:
    order = paid_order((variants_of(people.piece)[0].id, 1))
    part = parts_of(order)[0]
    services.write_about_order(people.as_member, part.id, words("It is ready."), address=HOME)
    mail = _new()[-1]
    assert mail.to == order.email
    assert f"/orders/{order.token}/{part.id}/messages" in links_in(mail.text)
    assert order.public_no in mail.text


def test_the_same_form_twice_is_one_mail(people: People) -> None:
    for _click in range(2):
        ask(people.buyer, people.piece.id, key="the-same-form-twice")
    assert len(_new()) == 1


def test_a_workshop_without_an_address_reads_on_its_pages(people: People) -> None:
    people.workshop = db.session.merge(people.workshop)
    people.workshop.email = ""
    db.session.commit()
    ask(people.buyer, people.piece.id)
    assert _new() == []


def test_photos_are_told_of(people: People) -> None:
    photo = PhotoFactory(user_id=people.buyer.id, shape=PhotoShape.PRIVATE)
    services.ask(access.buyer(people.buyer.id), people.piece.id, words("", photo.id), address=HOME)
    [mail] = _new()
    assert "1" in mail.text


def test_every_admin_hears_of_a_report_once(people: People) -> None:
    admins = {AdminFactory().email, AdminFactory().email}
    talk = ask(people.buyer, people.piece.id)
    for _again in range(2):
        services.report(people.as_buyer, talk, "They ask for money by bank transfer.")
    told = [mail for mail in mails() if "/admin/talks/" in mail.text]
    assert {mail.to for mail in told} == admins
    assert len(told) == 2
    assert "bank transfer" in told[0].text
