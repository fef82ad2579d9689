"""The pages Files: who may look, what needs a person, and that lists stay cheap."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clearinghouse.models import Delivery, Mail, TradingPartner
from clearinghouse.services import exchange
from clearinghouse.simulator.book import Book
from clinic.errors import ClinicError
from clinic.models import User

pytestmark = pytest.mark.django_db
FILES, RECEIVED = "clearinghouse:files", "clearinghouse:received"


def signed_in(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def post(partner: TradingPartner, key: str) -> Delivery:
    return exchange.post_file(partner=partner, kind="837P", key=key, write=lambda n: n.interchange.encode()).delivery


def stuck(partner: TradingPartner, status: str, key: str = "a") -> Delivery:
    delivery = post(partner, key)
    Delivery.objects.filter(pk=delivery.pk).update(status=status, tries=5, error="no route")
    delivery.refresh_from_db()
    return delivery


def test_an_unconfirmed_file_offers_to_ask_the_receiver(partner: TradingPartner, bill: User) -> None:
    delivery = stuck(partner, Delivery.Status.UNCONFIRMED)

    page = signed_in(bill).get(reverse(FILES)).content.decode()

    assert reverse("clearinghouse:ask", args=[delivery.pk]) in page
    assert reverse("clearinghouse:send_again", args=[delivery.pk]) not in page


def test_asking_finds_the_file_at_the_receiver(partner: TradingPartner, book: Book, bill: User) -> None:
    delivery = post(partner, "a")
    exchange.deliver_due()
    Delivery.objects.filter(pk=delivery.pk).update(status=Delivery.Status.UNCONFIRMED)

    signed_in(bill).post(reverse("clearinghouse:ask", args=[delivery.pk]))

    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.SENT
    assert book.duplicates() == 0
    assert [c.changed_by for c in delivery.history()][-1] == bill


def test_asking_about_a_file_the_receiver_never_had_queues_it_again(partner: TradingPartner, bill: User) -> None:
    delivery = stuck(partner, Delivery.Status.UNCONFIRMED)

    signed_in(bill).post(reverse("clearinghouse:ask", args=[delivery.pk]))

    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.QUEUED


def test_what_somebody_was_told_is_kept_with_the_file(partner: TradingPartner, bill: User) -> None:
    delivery = stuck(partner, Delivery.Status.UNCONFIRMED)
    url = reverse("clearinghouse:confirm", args=[delivery.pk])

    refused = signed_in(bill).post(url, {"reason": ""})
    signed_in(bill).post(url, {"reason": "Ann at Relay Point, ticket 4711"})

    delivery.refresh_from_db()
    assert refused.status_code == 422
    assert delivery.status == Delivery.Status.SENT
    assert [c.reason for c in delivery.history()] == ["Ann at Relay Point, ticket 4711"]


def test_a_parked_file_is_sent_again_by_hand(partner: TradingPartner, book: Book, bill: User) -> None:
    delivery = stuck(partner, Delivery.Status.FAILED)

    signed_in(bill).post(reverse("clearinghouse:send_again", args=[delivery.pk]))

    assert exchange.deliver_due() == 1
    assert book.files.received_count() == 1


def test_a_sent_file_cannot_be_sent_again(partner: TradingPartner, book: Book, bill: User) -> None:
    delivery = post(partner, "a")
    exchange.deliver_due()

    answer = signed_in(bill).post(reverse("clearinghouse:send_again", args=[delivery.pk]))

    assert answer.status_code == 422
    assert exchange.deliver_due() == 0
    assert book.files.received_count() == 1


def test_parked_mail_goes_back_to_its_office(partner: TradingPartner, bill: User) -> None:
    file, _ = exchange.keep_inbound(partner=partner, payload=b"bad", name="bad")
    for _ in range(5):
        exchange.note_reading_failed(transmission=file, error="segment 3")
    client = signed_in(bill)
    assert "segment 3" in client.get(reverse(RECEIVED)).content.decode()

    client.post(reverse("clearinghouse:read_again", args=[Mail.objects.get().pk]))

    assert list(exchange.unread("unknown")) == [file]
    with pytest.raises(ClinicError, match="not parked"):
        exchange.read_again_by_id(Mail.objects.get().pk, bill)


@pytest.mark.parametrize("name", [FILES, RECEIVED])
def test_the_list_costs_the_same_with_one_row_and_with_three(
    partner: TradingPartner, bill: User, name: str, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    client = signed_in(bill)
    client.get(reverse(name))

    def add(key: str) -> None:
        post(partner, key)
        exchange.keep_inbound(partner=partner, payload=key.encode(), name=key)

    add("1")
    with django_assert_max_num_queries(20) as with_one:
        client.get(reverse(name))
    add("2")
    add("3")
    with django_assert_num_queries(len(with_one)):
        client.get(reverse(name))


def test_a_page_shows_no_contents(partner: TradingPartner, bill: User) -> None:
    exchange.keep_inbound(partner=partner, payload=b"NM1*IL*1*ABARA", name="835-1")

    page = signed_in(bill).get(reverse(RECEIVED)).content.decode()

    assert "835-1" not in page
    assert "ABARA" not in page


def test_the_desk_may_not_look_and_the_auditor_may_not_act(partner: TradingPartner, fran: User, audrey: User) -> None:
    delivery = stuck(partner, Delivery.Status.UNCONFIRMED)

    assert signed_in(fran).get(reverse(FILES)).status_code == 403
    assert signed_in(audrey).get(reverse(FILES)).status_code == 200
    assert signed_in(audrey).post(reverse("clearinghouse:ask", args=[delivery.pk])).status_code == 403


def test_the_page_work_lists_what_stands_still(partner: TradingPartner, bill: User) -> None:
    delivery = stuck(partner, Delivery.Status.FAILED)

    page = signed_in(bill).get(reverse("clinic:work")).content.decode()

    assert "Files to payers" in page
    assert f"837P {delivery.transmission.control_number}" in page


def test_the_back_office_shows_files_without_contents_and_changes_none(
    partner: TradingPartner, mona: User, adam: User
) -> None:
    file = post(partner, "a").transmission
    mona.is_staff = True
    mona.save()
    manager, administrator = signed_in(mona), signed_in(adam)

    shown = manager.get(reverse("admin:clearinghouse_transmission_change", args=[file.pk]))
    partner_form = administrator.get(reverse("admin:clearinghouse_tradingpartner_change", args=[partner.pk]))

    assert shown.status_code == 200
    assert file.sha256 in shown.content.decode()
    assert 'name="_save"' not in shown.content.decode()
    assert 'name="sender_id"' in partner_form.content.decode()
    assert administrator.get(reverse("admin:clearinghouse_transmission_changelist")).status_code == 403
