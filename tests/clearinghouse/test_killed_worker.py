"""Workers die and race: each file still arrives once, counted by the receiver."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from clearinghouse.models import Delivery, TradingPartner
from clearinghouse.services import exchange
from clearinghouse.simulator.book import Book
from clinic import clock

ROOT = Path(__file__).resolve().parents[2]
DIES = """
import os, sys, django
django.setup()
from clearinghouse.services import exchange
from clearinghouse.simulator.driver import SimulatorDriver
real = SimulatorDriver.send
def send(self, **file):
    if sys.argv[1] == "after":
        real(self, **file)
    os.kill(os.getpid(), 9)
SimulatorDriver.send = send
exchange.deliver_due()
"""


@pytest.fixture
def partner(fresh_database: str, book: Book) -> TradingPartner:
    return TradingPartner.objects.create(name="Relay", driver="simulator", sender_id="US", receiver_id="THEM")


@pytest.fixture
def env(process_env: dict[str, str], book: Book) -> Iterator[dict[str, str]]:
    yield {**process_env, "TANDEM_SIMULATOR_BOOK": str(book.path), "DJANGO_SETTINGS_MODULE": "clinic.settings"}


def post(partner: TradingPartner, key: str) -> None:
    exchange.post_file(partner=partner, kind="837P", key=key, write=lambda n: n.interchange.encode())


@pytest.mark.parametrize(("moment", "had_arrived"), [("before", 0), ("after", 1)])
def test_a_worker_killed_around_the_call_costs_no_file_and_sends_none_twice(
    partner: TradingPartner, book: Book, env: dict[str, str], moment: str, had_arrived: int
) -> None:
    post(partner, "a")

    killed = subprocess.run([sys.executable, "-c", DIES, moment], cwd=ROOT, env=env, capture_output=True, check=False)
    after_the_kill = (killed.returncode, Delivery.objects.get().status, book.files.received_count())
    with clock.at(clock.now() + timedelta(minutes=11)):
        exchange.deliver_due()
    with clock.at(clock.now() + timedelta(minutes=20)):
        exchange.deliver_due()

    assert after_the_kill == (-9, Delivery.Status.SENDING, had_arrived)
    assert Delivery.objects.get().status == Delivery.Status.SENT
    assert (book.files.received_count(), book.duplicates()) == (1, 0)


def test_four_workers_share_the_outbox(partner: TradingPartner, book: Book, settings: Any) -> None:
    for n in range(12):
        post(partner, f"file-{n}")
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        exchange.deliver_due()
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert set(Delivery.objects.values_list("status", flat=True)) == {Delivery.Status.SENT}
    assert (book.files.received_count(), book.duplicates()) == (12, 0)


def test_eight_posts_of_one_key_are_one_file(partner: TradingPartner) -> None:
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        post(partner, "the same")
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert Delivery.objects.count() == 1
    assert Delivery.objects.get().transmission.control_number == "000000001"


def test_the_same_file_handed_in_by_eight_at_once_is_kept_once(partner: TradingPartner) -> None:
    start = threading.Barrier(8)
    created: list[bool] = []

    def work() -> None:
        start.wait()
        created.append(exchange.keep_inbound(partner=partner, payload=b"835", name="era")[1])
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(created) == [False] * 7 + [True]


def test_a_new_book_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    start = threading.Barrier(8)
    faults: list[Exception] = []

    def work() -> None:
        start.wait()
        try:
            with Book(tmp_path / "fresh.sqlite3") as book, book.change():
                book.files.next_number("x")
        except Exception as error:
            faults.append(error)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert faults == []
    with Book(tmp_path / "fresh.sqlite3") as book, book.change():
        assert book.files.next_number("x") == 9
