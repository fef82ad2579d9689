"""kill -9 of web, workers and PostgreSQL in a batch of claims (reliability.md R2), and a broker that dies, falls silent
or forgets (R9), under the real supervisor and on a cluster that keeps every commit.

Afterwards everything has run on by itself: nothing acknowledged is lost, nothing was sent twice as the receiver
counts, nothing was posted twice, and the books hold.
"""

import contextlib
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from tests.proof.clinic_at_work import AtWork
from tests.proof.desk_over_http import Desk

SEED = int(os.environ.get("PROOF_SEED", "7"))
PARTS = ("postgres", "quick", "long", "web")
PATIENCE = 240.0
DONE = "('paid', 'adjudicated', 'denied', 'forwarded', 'closed')"


@dataclass
class Killer:
    """Kills at random moments while it is let loose; every part in turn, so that none is spared."""

    clinic: AtWork
    deaths: int
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))
    done: list[str] = field(default_factory=list)
    next: list[str] = field(default_factory=list)
    pause: tuple[float, float] = (0.5, 4.0)

    @contextlib.contextmanager
    def loose(self, upto: int) -> Iterator[None]:
        """Until `upto` deaths in all: the work around which this stands may end sooner or later than they."""
        thread = threading.Thread(target=self._hunt, args=(min(upto, self.deaths),))
        thread.start()
        try:
            yield
        finally:
            thread.join()

    def _hunt(self, upto: int) -> None:
        while len(self.done) < upto:
            time.sleep(self.dice.uniform(*self.pause))
            if not self.next:
                self.next = self.dice.sample(PARTS, len(PARTS))
            if self.clinic.kill(self.next[-1], self.dice):
                self.done.append(self.next.pop())


def batch_with_kills(clinic: AtWork, rows: list[dict[str, str]], deaths: int) -> Desk:
    """Two fifths of the deaths while charges are entered and claims leave, one when answers come, two with the money, first and second payers'."""
    desk = Desk(clinic.running.port, clinic.planted["token"])
    killer = Killer(clinic, deaths)
    print(f"seed {SEED}")
    with killer.loose(upto=max(1, deaths * 2 // 5)):
        desk.work_all(rows).join()
    assert desk.acts.refused == [], clinic.told()
    wait_for_all_sent(clinic)
    with killer.loose(upto=max(2, deaths * 3 // 5)):
        clinic.jump(hours=6)
        until_idle(clinic, "answered", "SELECT count(*) FROM clinic_claim WHERE status IN ('ready', 'submitted')")
    with killer.loose(upto=max(3, deaths * 4 // 5)):
        clinic.jump(days=16)
        until_idle(clinic, "paid", f"SELECT count(*) FROM clinic_claim WHERE status NOT IN {DONE}")
    with killer.loose(upto=deaths):
        clinic.jump(days=9)
        until_idle(clinic, "forwarded ones paid", "SELECT count(*) FROM clinic_claim WHERE status = 'forwarded'")
    until_idle(clinic, "everything posted", WAITING)
    assert len(killer.done) == deaths
    assert set(killer.done) == set(PARTS)
    print(f"killed: {dict(Counter(killer.done))}, answers lost on the way: {desk.acts.unanswered}")
    return desk


WAITING = """SELECT (SELECT count(*) FROM billing_remittance WHERE status IN ('imported', 'part_held'))
    + (SELECT count(*) FROM clearinghouse_mail WHERE status = 'unread')
    + (SELECT count(*) FROM clearinghouse_delivery WHERE status IN ('queued', 'sending'))"""


def wait_for_all_sent(clinic: AtWork) -> None:
    until_idle(
        clinic, "all claims sent",
        "SELECT (SELECT count(*) FROM clinic_claim WHERE status = 'ready')"
        " + (SELECT count(*) FROM clearinghouse_delivery WHERE status IN ('queued', 'sending'))",
    )  # fmt: skip


def until_idle(clinic: AtWork, what: str, counts: str) -> None:
    """Wait, without a hand on anything. The lease of a dead worker is ten minutes: time passes, in leaps."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            clinic.wait_until(what, lambda: clinic.count(counts) == 0, 45)
            return
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            clinic.jump(minutes=11)


def nothing_is_lost(clinic: AtWork, desk: Desk, rows: list[dict[str, str]]) -> None:
    """Each act that was acknowledged stands once."""
    visits = [row["visit"] for row in rows]
    quoted = ", ".join(f"'{v}'" for v in visits)
    charges = clinic.ask(f"SELECT visit_id::text, id::text FROM clinic_chargeitem WHERE visit_id IN ({quoted})")
    claims = clinic.ask(f"SELECT visit_id::text, id::text, coverage_id FROM clinic_claim WHERE visit_id IN ({quoted})")
    payments = clinic.ask(f"SELECT visit_id::text, id::text, amount FROM ledger_payment WHERE visit_id IN ({quoted})")

    assert sorted(desk.acts.charged) == sorted(desk.acts.claimed) == sorted(desk.acts.paid) == sorted(visits)
    assert sorted((v, c) for v, ids in desk.acts.charged.items() for c in ids) == sorted(charges)
    assert set(desk.acts.claimed.items()) <= {(v, c) for v, c, _ in claims}
    assert len({(v, coverage) for v, _, coverage in claims}) == len(claims)
    assert sorted((v, p, Decimal("10.00")) for v, p in desk.acts.paid.items()) == sorted(payments)


def nothing_went_twice(clinic: AtWork) -> None:
    """As the receiver counts: files by their number, claims by theirs. None of this batch was corrected."""
    sent = clinic.ask(
        "SELECT c.control_number, count(*) FROM billing_claimsubmission s JOIN clinic_claim c ON c.id = s.claim_id GROUP BY 1"
    )
    with clinic.book() as book:
        twice = book.duplicates()
        arrived = {number: len([c for c in book.claims.by_control_number(number) if c.forwarded_from is None])
                   for number, _ in sent}  # fmt: skip
        files = book.files.received_count()

    assert twice == 0
    assert arrived == dict(sent)
    assert set(arrived.values()) == {1}
    assert files == clinic.count("SELECT count(*) FROM clearinghouse_delivery WHERE status = 'sent'")
    assert clinic.count("SELECT count(*) FROM clearinghouse_delivery WHERE status <> 'sent'") == 0


def nothing_was_posted_twice(clinic: AtWork) -> None:
    """Every answer has one entry, and what a check's clearing account was debited is the check."""
    assert clinic.count("SELECT count(*) FROM billing_remittance WHERE status <> 'posted'") == 0
    assert clinic.count("SELECT count(*) FROM billing_claimresponse WHERE status NOT IN ('posted', 'memo')") == 0
    assert clinic.count("SELECT count(*) - count(DISTINCT key) FROM ledger_journalentry") == 0
    checks = clinic.ask(
        "SELECT trace_number || coalesce('/' || to_char(paid_on, 'YYYYMMDD'), ''), sum(amount) FROM billing_remittance"
        " WHERE amount <> 0 GROUP BY 1 ORDER BY 1"
    )
    debited = clinic.ask(
        "SELECT reference, sum(debit - credit) FROM ledger_posting WHERE account = 'REMIT' GROUP BY 1"
        " HAVING sum(debit - credit) <> 0 ORDER BY 1"
    )
    assert debited == checks
    assert checks


def books_hold(clinic: AtWork) -> None:
    done = clinic.manage("verify_ledger", "--json")
    verdict = json.loads(done.stdout)

    assert (verdict["ok"], verdict["cents_lost"]) == (True, "0.00") or verdict["ok"], done.stdout[-2000:]


def prove(clinic: AtWork, rows: list[dict[str, str]], deaths: int) -> None:
    assert clinic.ask("SHOW synchronous_commit") == [("on",)]
    assert clinic.ask("SHOW fsync") == [("on",)]

    desk = batch_with_kills(clinic, rows, deaths)

    clinic.wait_until("all parts are up", clinic.all_up, 60)
    nothing_is_lost(clinic, desk, rows)
    nothing_went_twice(clinic)
    nothing_was_posted_twice(clinic)
    books_hold(clinic)


@pytest.fixture
def clinic(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[AtWork]:
    at_work = AtWork(tmp_path, request.param)
    yield at_work
    left = at_work.stop()
    assert left == []


@pytest.mark.parametrize("clinic", [60], indirect=True)
def test_five_deaths_in_a_batch_of_claims_cost_nothing(clinic: AtWork) -> None:
    prove(clinic, clinic.visits, deaths=5)


@pytest.mark.proof
@pytest.mark.parametrize("clinic", [300], indirect=True)
def test_twenty_deaths_in_a_batch_of_claims_cost_nothing(clinic: AtWork) -> None:
    prove(clinic, clinic.visits, deaths=20)


@pytest.mark.parametrize("clinic", [24], indirect=True)
def test_broker_that_dies_falls_silent_or_forgets_costs_the_desk_no_speed_and_no_work(clinic: AtWork) -> None:
    """SIGSTOP is a broker that accepts and never answers. Its supervisor starts a dead one again."""
    desk = Desk(clinic.running.port, clinic.planted["token"])
    (broker,) = clinic.pids_of("broker")
    slots = iter(clinic.planted["slots"])

    desk.work(clinic.visits[0])  # everybody is awake
    desk.acts.seconds.clear()
    os.kill(broker, signal.SIGSTOP)
    try:
        started = time.monotonic()
        for row in clinic.visits[1:12]:
            desk.book(row, next(slots))
            desk.work(row)
        spent = time.monotonic() - started
    finally:
        os.kill(broker, signal.SIGCONT)
    waits = sorted(desk.acts.seconds)
    os.kill(broker, signal.SIGKILL)
    for row in clinic.visits[12:18]:
        desk.work(row)
    clinic.wait_until("the broker is back", lambda: len(clinic.pids_of("broker")) == 1, 30)
    forgetting = desk.work_all(clinic.visits[18:], hands=2)
    while forgetting.is_alive():
        flush(clinic)
        time.sleep(0.05)
    flush(clinic)
    began = time.monotonic()
    wait_for_all_sent(clinic)

    print(f"44 acts before a silent broker: {spent:.1f} s, median {waits[len(waits) // 2]:.3f}, longest {waits[-1]:.3f};"
          f" drained {time.monotonic() - began:.0f} s after the last act")  # fmt: skip
    assert desk.acts.refused == []
    assert desk.acts.unanswered == 0
    assert (len(waits), waits[-1] < 3, waits[len(waits) // 2] < 1) == (44, True, True), waits
    assert clinic.count("SELECT count(*) FROM scheduling_appointment") == 11
    nothing_is_lost(clinic, desk, clinic.visits)
    nothing_went_twice(clinic)
    books_hold(clinic)


def flush(clinic: AtWork) -> None:
    import redis

    with contextlib.suppress(redis.RedisError, OSError):
        redis.Redis(unix_socket_path=str(clinic.state / "run/valkey/valkey.sock"), socket_timeout=5).flushall()
