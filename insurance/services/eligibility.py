"""Ask the payer whether a coverage is in force, and keep the answer. The row is the queue.

`request_check` writes the row in the caller's transaction; `run_check` asks, outside any transaction, and writes
the answer. A crash in between leaves the row due: the same key asks the clearinghouse for the same question again.
"""

import logging
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from clearinghouse.models import TradingPartner, Transmission
from clearinghouse.services import exchange
from clinic import audit, clock
from clinic.bulk import insert_or_none
from clinic.errors import ClinicError
from clinic.models import Coverage, Practice, User
from clinic.nudge import nudge
from clinic.services.events import emit
from insurance.edi import eligibility as edi
from insurance.models import Benefit, EligibilityCheck, PayerRoute
from insurance.queries import FRESH_DAYS, latest_check

log = logging.getLogger(__name__)

Answer = EligibilityCheck.Answer
TRIES = 5
LEASE = timedelta(minutes=2)
DAYS_AHEAD = 3
"""Visits of the next days are asked again, so that the desk reads a fresh answer (domain.md 5.7)."""


@transaction.atomic
def request_check(
    *, coverage: Coverage, on: date, by: User | None, key: str = "", service_type: str = "30"
) -> EligibilityCheck:
    """Put the question into the queue. The same key is the same question."""
    key = key or f"{coverage.pk}:{on:%Y%m%d}:{coverage.version}:{clock.now():%Y%m%d%H%M%S%f}"
    row = EligibilityCheck(
        key=key, coverage=coverage, patient_id=coverage.patient_id, on=on, service_type=service_type, requested_by=by
    )
    return insert_or_none(row) or EligibilityCheck.objects.get(key=key)


def verify(
    *, coverage: Coverage, on: date, by: User | None, key: str = "", service_type: str = "30"
) -> EligibilityCheck:
    """Ask now and wait for the answer (at most the partner's time limit). Outside any transaction."""
    return run_check(request_check(coverage=coverage, on=on, by=by, key=key, service_type=service_type))


def run_check(check: EligibilityCheck) -> EligibilityCheck:
    """Ask the payer. No answer is *unknown* with its reason and is tried again; it never reads "not active"."""
    if check.answer != Answer.PENDING or not _claim(check):
        check.refresh_from_db()
        return check
    route = _route(check)
    if route is None:
        return _close(check, Answer.UNKNOWN, reason=f"No way to ask {check.coverage.payer} is set up.")
    partner, payer_id = route
    practice = Practice.objects.get()
    try:
        payload = exchange.inquire(
            partner=partner,
            kind=Transmission.Kind.ELIGIBILITY_INQUIRY,
            key=f"270:{check.pk}:{check.tries}",
            write=lambda numbers: edi.inquiry(check, payer_id, practice, numbers),
        )
        facts = edi.read_answer(payload, check)
    except ClinicError as error:
        return _try_later(check, error.sentence)
    if facts.retry:
        return _try_later(check, facts.reason, facts.reason_code)
    return _keep(check, facts)


def run_due(limit: int = 40) -> int:
    """The worker's turn: every due question once. Claims are compare-and-set, so two workers share the list."""
    now = clock.now()
    due = (
        EligibilityCheck.objects.filter(answer=Answer.PENDING, due_at__lte=now)
        .filter(Q(claimed_until=None) | Q(claimed_until__lt=now))
        .select_related("coverage__payer", "coverage__patient")
        .order_by("due_at")[:limit]
    )
    asked = 0
    for check in due:
        try:
            run_check(check)
            asked += 1
        except Exception:
            log.exception("eligibility check failed", extra={"check_id": str(check.pk)})
    return asked


def request_upcoming(patients_and_days: "list[tuple[Coverage, date]]") -> int:
    """Ask for these coverages on these days unless a fresh answer is there. One question a coverage, day and age."""
    asked = 0
    for coverage, on in patients_and_days:
        latest = latest_check(coverage, on)
        fresh_after = clock.now() - timedelta(days=FRESH_DAYS)
        if latest is not None and _is_fresh(latest, coverage, fresh_after):
            continue
        request_check(
            coverage=coverage,
            on=on,
            by=None,
            key=f"{coverage.pk}:{on:%Y%m%d}:v{coverage.version}:{clock.today():%Y%m%d}",
        )
        asked += 1
    return asked


def _is_fresh(latest: EligibilityCheck, coverage: Coverage, fresh_after: datetime) -> bool:
    """Asked lately, and nothing was changed on the coverage since."""
    if latest.answer == Answer.PENDING:
        return True
    lately = latest.answered_at is not None and latest.answered_at > fresh_after
    return lately and latest.created_at >= coverage.updated_at


def _claim(check: EligibilityCheck) -> bool:
    now = clock.now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    taken = EligibilityCheck.objects.filter(free, pk=check.pk, answer=Answer.PENDING).update(
        claimed_until=now + LEASE, tries=check.tries + 1, updated_at=now
    )
    if taken:
        check.tries += 1
    return bool(taken)


def _route(check: EligibilityCheck) -> tuple[TradingPartner, str] | None:
    route = (
        PayerRoute.objects.filter(payer=check.coverage.payer, does_eligibility=True, partner__is_active=True)
        .select_related("partner")
        .first()
    )
    return (route.partner, route.payer_id_there) if route else None


def _try_later(check: EligibilityCheck, reason: str, code: str = "") -> EligibilityCheck:
    if check.tries >= TRIES:
        return _close(check, Answer.UNKNOWN, reason=reason, code=code)
    EligibilityCheck.objects.filter(pk=check.pk).update(
        due_at=clock.now() + timedelta(minutes=2**check.tries), claimed_until=None, reason=reason[:200],
        reason_code=code, updated_at=clock.now(),
    )  # fmt: skip
    check.refresh_from_db()
    return check


@transaction.atomic
def _close(check: EligibilityCheck, answer: str, *, reason: str, code: str = "") -> EligibilityCheck:
    check.answer, check.reason, check.reason_code = answer, reason[:200], code
    check.answered_at, check.claimed_until = clock.now(), None
    check.save()
    _tell(check)
    return check


@transaction.atomic
def _keep(check: EligibilityCheck, facts: edi.AnswerFacts) -> EligibilityCheck:
    if not EligibilityCheck.objects.select_for_update().filter(pk=check.pk, answer=Answer.PENDING).exists():
        check.refresh_from_db()
        return check
    for name in edi.KEPT:
        setattr(check, name, getattr(facts, name))
    check.answered_at, check.claimed_until = clock.now(), None
    check.save()
    Benefit.objects.bulk_create([Benefit(check_row=check, **values) for values in facts.benefits])
    _tell(check)
    return check


def _tell(check: EligibilityCheck) -> None:
    audit.record(
        act="eligibility.verified",
        by=check.requested_by,
        patient=check.patient,
        row=check,
        detail={"answer": check.answer},
    )
    emit(
        kind="coverage.verified", record=check, patient=check.patient,
        payload={"answer": check.answer, "coverage": str(check.coverage_id)}, by=check.requested_by,
    )  # fmt: skip


def ask_in_background(*, coverage: Coverage, on: date, by: User | None) -> EligibilityCheck:
    """Somebody at the desk wants to know now: queue the question and wake the worker. Never blocks the desk."""
    check = request_check(coverage=coverage, on=on, by=by)
    nudge("insurance.verify_upcoming")
    return check
