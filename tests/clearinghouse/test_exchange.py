"""The post office keeps its word: one key one file, sent once, kept once, nothing lost in between."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from clearinghouse.connect import DRIVERS
from clearinghouse.control_numbers import ControlNumbers
from clearinghouse.interface import Clearinghouse, Found, InboundFile, Unreachable
from clearinghouse.models import ControlNumber, Delivery, Mail, TradingPartner, Transmission
from clearinghouse.services import exchange
from clearinghouse.services.delivery import _take_next
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.driver import SimulatorDriver
from clinic import clock
from clinic.errors import ClinicError
from x12 import TransactionSet

pytestmark = pytest.mark.django_db
State = Delivery.Status


class Wire:
    """The wire in front of the real simulator: it may break before or after the file has arrived."""

    def __init__(self, real: Clearinghouse) -> None:
        self.real = real
        self.breaks = ""
        self.can_tell = True

    def send(self, *, control_number: str, name: str, payload: bytes) -> None:
        if self.breaks == "before":
            raise Unreachable("no route")
        self.real.send(control_number=control_number, name=name, payload=payload)
        if self.breaks == "after":
            raise Unreachable("no answer in time")

    def find(self, *, control_number: str) -> Found:
        return self.real.find(control_number=control_number) if self.can_tell else Found.CANNOT_TELL

    def collect(self) -> Iterator[InboundFile]:
        return self.real.collect()

    def acknowledge(self, *, name: str) -> None:
        if self.breaks == "acknowledge":
            raise Unreachable("cut")
        self.real.acknowledge(name=name)

    def inquire(self, *, control_number: str, payload: bytes) -> bytes:
        if self.breaks == "before":
            raise Unreachable("no route")
        return self.real.inquire(control_number=control_number, payload=payload)


@pytest.fixture
def wire(partner: TradingPartner, monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire(SimulatorDriver(partner))
    monkeypatch.setitem(DRIVERS, TradingPartner.Driver.SIMULATOR, lambda _: wire)
    return wire


def plain(numbers: ControlNumbers) -> bytes:
    return numbers.envelope(
        [TransactionSet(code="837", control_number="0001", segments=[("BHT", "0019")], version="005010X222A1")],
        kind="HC",
        version="005010X222A1",
    )


def post(partner: TradingPartner, key: str = "batch-1", write: Callable[[ControlNumbers], bytes] = plain) -> Delivery:
    return exchange.post_file(partner=partner, kind="837P", key=key, write=write).delivery


def later(**by: int) -> None:
    clock.set_to(clock.now() + timedelta(**by))


@pytest.fixture(autouse=True)
def stopped_clock() -> Iterator[None]:
    with clock.at(clock.now()):
        yield


def test_a_posted_file_reaches_the_receiver_once(partner: TradingPartner, book: Book) -> None:
    delivery = post(partner)

    assert exchange.deliver_due() == 1
    assert exchange.deliver_due() == 0

    delivery.refresh_from_db()
    assert delivery.status == State.SENT
    assert book.files.payload(1) == delivery.transmission.payload
    assert (book.files.received_count(), book.duplicates()) == (1, 0)


def test_the_same_key_is_the_same_file_and_draws_no_number(partner: TradingPartner) -> None:
    first = post(partner)

    second = post(partner)

    assert second == first
    assert Delivery.objects.count() == 1
    assert ControlNumber.objects.get(partner=partner).interchange == 1


def test_a_rollback_of_the_sender_takes_file_and_number_back(partner: TradingPartner) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        post(partner)
        raise RuntimeError("the claims could not be marked")

    assert not Transmission.objects.exists()
    assert post(partner).transmission.control_number == "000000001"


def test_control_numbers_rise_and_stand_in_the_file(partner: TradingPartner) -> None:
    numbers = [post(partner, f"batch-{n}").transmission for n in range(3)]

    assert [file.control_number for file in numbers] == ["000000001", "000000002", "000000003"]
    assert b"*000000003*" in numbers[2].payload


def test_reply_lost_after_arrival_counts_as_sent(partner: TradingPartner, book: Book, wire: Wire) -> None:
    delivery = post(partner)
    wire.breaks = "after"

    exchange.deliver_due()

    delivery.refresh_from_db()
    assert delivery.status == State.SENT
    assert (book.files.received_count(), book.duplicates()) == (1, 0)


@pytest.mark.parametrize("arrived", [True, False])
def test_after_a_crash_between_send_and_commit_the_receiver_decides(
    partner: TradingPartner, book: Book, wire: Wire, arrived: bool
) -> None:
    delivery = post(partner)
    _take_next()  # leased and committed as "sending"; then the power goes
    if arrived:
        wire.send(control_number=delivery.transmission.control_number, name="x", payload=delivery.transmission.payload)

    assert exchange.deliver_due() == 0  # still leased: nobody touches it
    later(minutes=11)
    exchange.deliver_due()
    later(minutes=2)
    exchange.deliver_due()

    delivery.refresh_from_db()
    assert delivery.status == State.SENT
    assert (book.files.received_count(), book.duplicates()) == (1, 0)
    assert book.files.payload(1) == delivery.transmission.payload


def test_who_cannot_tell_leaves_it_to_a_person(partner: TradingPartner, book: Book, wire: Wire) -> None:
    delivery = post(partner)
    wire.breaks, wire.can_tell = "after", False

    exchange.deliver_due()
    later(days=1)
    exchange.deliver_due()

    delivery.refresh_from_db()
    assert delivery.status == State.UNCONFIRMED
    assert book.files.received_count() == 1


def test_asking_the_receiver_settles_an_unconfirmed_file(partner: TradingPartner, book: Book, wire: Wire) -> None:
    delivery = post(partner)
    wire.breaks, wire.can_tell = "after", False
    exchange.deliver_due()
    delivery.refresh_from_db()

    with pytest.raises(ClinicError, match="cannot tell"):
        exchange.ask_receiver(delivery=delivery, by=None)
    wire.can_tell = True
    exchange.ask_receiver(delivery=delivery, by=None)

    assert delivery.status == State.SENT
    assert book.duplicates() == 0


def test_five_failures_park_the_file_with_its_error_until_somebody_requeues(
    partner: TradingPartner, book: Book, wire: Wire
) -> None:
    delivery = post(partner)
    wire.breaks = "before"

    for _ in range(10):
        exchange.deliver_due()
        later(hours=2)
    delivery.refresh_from_db()

    assert (delivery.status, delivery.tries, delivery.error) == (State.FAILED, 5, "no route")
    wire.breaks = ""
    exchange.requeue(delivery=delivery, by=None)
    assert exchange.deliver_due() == 1
    assert book.files.received_count() == 1


def test_a_failing_file_waits_and_lets_the_others_pass(partner: TradingPartner, wire: Wire) -> None:
    post(partner, "a")
    wire.breaks = "before"
    exchange.deliver_due()
    wire.breaks = ""
    post(partner, "b")

    sent_at_once = exchange.deliver_due()
    later(minutes=1)

    assert sent_at_once == 1
    assert exchange.deliver_due() == 1


def test_inbound_is_kept_raw_once_and_read_once(partner: TradingPartner) -> None:
    payload = b"ISA this is no X12"

    first, created = exchange.keep_inbound(partner=partner, payload=payload, name="a.txt")
    second, created_again = exchange.keep_inbound(partner=partner, payload=payload, name="renamed.txt")

    assert (first, created, created_again) == (second, True, False)
    assert (first.kind, first.payload) == ("unknown", payload)
    assert list(exchange.unread("unknown")) == [first]
    exchange.mark_read(transmission=first, by_kind="billing")
    assert list(exchange.unread("unknown")) == []


def test_a_file_collected_but_not_acknowledged_comes_again_and_is_kept_once(
    partner: TradingPartner, book: Book, wire: Wire
) -> None:
    with book.change():
        book.files.put_out(trader="TANDEM01", name="835-1", payload=b"raw", due_at=clock.now())
    wire.breaks = "acknowledge"
    exchange.collect_all()
    wire.breaks = ""

    assert exchange.collect_all() == 0
    assert Transmission.objects.count() == 1
    assert list(wire.collect()) == []


def test_a_file_that_cannot_be_read_is_parked_after_five_tries(partner: TradingPartner) -> None:
    file, _ = exchange.keep_inbound(partner=partner, payload=b"bad", name="bad")

    for _ in range(5):
        exchange.note_reading_failed(transmission=file, error="segment 3")

    assert Mail.objects.get(transmission=file).status == Mail.Status.PARKED
    assert list(exchange.unread("unknown")) == []


@pytest.mark.parametrize("statement", ["UPDATE clearinghouse_transmission SET name='x'",
                                       "DELETE FROM clearinghouse_transmission"])  # fmt: skip
def test_a_transmission_is_never_changed(partner: TradingPartner, statement: str) -> None:
    post(partner)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_raw_bytes_are_sealed_in_the_database(partner: TradingPartner) -> None:
    file = post(partner).transmission

    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM clearinghouse_transmission WHERE id=%s", [file.pk])
        stored = bytes(cursor.fetchone()[0])
    assert b"TANDEM01" not in stored
    assert b"TANDEM01" in Transmission.objects.get(pk=file.pk).payload


def test_no_answer_in_real_time_is_a_sentence_for_the_desk(partner: TradingPartner, wire: Wire) -> None:
    wire.breaks = "before"

    with pytest.raises(ClinicError, match="gave no answer"):
        exchange.inquire(partner=partner, kind="270", key="check-1", write=plain)


def test_a_partner_that_is_switched_off_gets_nothing_until_it_is_on_again(partner: TradingPartner) -> None:
    post(partner)
    TradingPartner.objects.update(is_active=False)
    while_off = exchange.deliver_due()
    TradingPartner.objects.update(is_active=True)

    assert while_off == 0
    assert exchange.deliver_due() == 1
