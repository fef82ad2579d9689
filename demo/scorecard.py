"""The honest metric (denial_mix.md): touches counted from audit rows, four shares that add to 1, cents lost.

Touch: an act of a person on that visit, its claims or its money after check-out. Acts on shared things (a check, a
reference row) count in the acts per 100 visits. Reading does not count.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from billing.models import ClaimResponse, Correction, Denial
from clinic.models import AuditEvent, ChargeItem, Claim, Coverage, StatusChange, User, Visit
from clinic.money import ZERO
from ledger.models import OpenItem, Payment, Posting

INSURANCE = ("INS",)
PATIENT = ("PAT", "PLAN", "AGCY")
GIVEN_UP = ("DWO", "BAD", "CHAR")
UNCLEAN = ("edits_failed", "rejected", "syntax_rejected", "held")
NOT_A_TOUCH = ("patient.viewed",)


@dataclass(frozen=True, slots=True)
class VisitScore:
    touched_before_payers_done: bool
    touched: bool
    fate: str  # touchless, touched_paid, written_off, agency, open
    is_payer_done: bool


def scorecard(*, visits: list[Visit], ar_at_month_end: Decimal) -> dict[str, Any]:
    """The figures of play_month, as plain numbers and strings."""
    facts = _Facts(visits)
    scores = [_score(visit, facts) for visit in visits]
    count = len(scores) or 1
    claims = Claim.objects.filter(order=1, sequence=1, after=None, visit__in=visits)
    first = _first_members(claims)
    sent = [c for c in first if c.submitted_at is not None]
    answered = [c for c in first if c.answered_at is not None or c.responses.exists()]
    denied = set(
        Denial.objects.filter(claim__in=answered, response__in=_first_answers(answered)).values_list("claim", flat=True)
    )
    unclean = set(
        StatusChange.objects.filter(
            record_type="clinic.claim", record_id__in=[c.pk for c in first], to_status__in=UNCLEAN
        ).values_list("record_id", flat=True)
    )
    fates: dict[str, int] = defaultdict(int)
    for score in scores:
        fates[score.fate] += 1
    charges = ChargeItem.objects.filter(voided_at=None, visit__in=visits).aggregate(s=Sum("amount"))["s"] or ZERO
    return {
        "visits": len(scores),
        "touchless_payer_rate": _rate(
            sum(1 for s in scores if not s.touched_before_payers_done and s.is_payer_done), count
        ),
        "touchless_rate": _rate(fates["touchless"], count),
        "touched_paid_rate": _rate(fates["touched_paid"], count),
        "written_off_rate": _rate(fates["written_off"], count),
        "agency_rate": _rate(fates["agency"], count),
        "open_rate": _rate(fates["open"], count),
        "human_acts_per_100_visits": round(100 * _human_acts(visits) / count, 1),
        "observed_denial_rate": _rate(len(denied), len(answered) or 1),
        "clean_claim_rate": _rate(sum(1 for c in sent if c.pk not in unclean), len(sent) or 1),
        "first_pass_rate": _rate(len(answered) - len(denied), len(answered) or 1),
        "denials_opened": Denial.objects.count(),
        "denials_corrected_by_worker": Correction.objects.filter(by_worker=True).exclude(outcome="left").count(),
        "denials_waiting": Denial.objects.filter(status__in=("open", "waiting", "appealed")).count(),
        "denials_unowned": Denial.objects.filter(status__in=Denial.UNFINISHED, owner_role="").count(),
        "days_in_ar": round(float(ar_at_month_end / (charges / 90)), 1) if charges else 0.0,
        "cents_lost": str(_cents_lost(charges)),
        "money": _money(charges),
    }


def settled(visit: Visit) -> bool:
    """At zero, written off, or at an agency; no claim of it waits, no denial of it is open."""
    open_items = OpenItem.objects.filter(visit=visit, account__in=("INS", "PAT", "PLAN")).exclude(balance=0)
    waiting = Claim.objects.filter(visit=visit).unsettled().exclude(status__in=("denied", "partially_paid"))
    return (
        not open_items.exists()
        and not waiting.exists()
        and visit.status in (Visit.Status.CLOSED, Visit.Status.CHECKED_OUT)
    )


class _Facts:
    """Everything the score asks of all visits, in a handful of queries."""

    def __init__(self, visits: list[Visit]) -> None:
        ids = [v.pk for v in visits]
        self.acts = _acts_by_visit(visits)
        self.claims: dict[UUID, list[Claim]] = defaultdict(list)
        for claim in Claim.objects.filter(visit__in=ids):
            self.claims[claim.visit_id].append(claim)
        self.open: dict[tuple[UUID, str], Decimal] = defaultdict(lambda: ZERO)
        for item in OpenItem.objects.filter(visit__in=ids, account__in=(*INSURANCE, *PATIENT)).exclude(balance=0):
            if item.visit_id:
                self.open[item.visit_id, item.account] += item.balance
        self.given_up: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
        self.at_agency: set[UUID] = set()
        rows = Posting.objects.filter(visit__in=ids, account__in=(*GIVEN_UP, "AGCY")).values_list(
            "visit", "account", "debit", "credit"
        )
        for visit_id, account, debit, credit in rows:
            if account == "AGCY":
                self.at_agency.add(visit_id)
            else:
                self.given_up[visit_id] += debit - credit
        self.finals = _last_payer_moment(ids)


def _score(visit: Visit, facts: _Facts) -> VisitScore:
    after = [a.at for a in facts.acts.get(visit.pk, []) if visit.checked_out_at and a.at > visit.checked_out_at]
    done_at = facts.finals.get(visit.pk)
    open_payer = facts.open[visit.pk, "INS"]
    is_payer_done = not open_payer and all(
        c.status not in Claim.UNSETTLED or c.status in ("denied", "partially_paid") for c in facts.claims[visit.pk]
    )
    early = [at for at in after if done_at is None or at <= done_at]
    owed = sum((facts.open[visit.pk, a] for a in ("PAT", "PLAN")), ZERO)
    if visit.pk in facts.at_agency:
        fate = "agency"
    elif facts.given_up[visit.pk] > ZERO:
        fate = "written_off"
    elif owed or open_payer or not is_payer_done:
        fate = "open"
    else:
        fate = "touched_paid" if after else "touchless"
    return VisitScore(bool(early), bool(after), fate, is_payer_done)


def _last_payer_moment(visit_ids: list[UUID]) -> dict[UUID, datetime]:
    """When the last payer's word on a visit was posted, or its last claim was closed."""
    last: dict[UUID, datetime] = {}
    rows = ClaimResponse.objects.filter(claim__visit__in=visit_ids, posted_at__isnull=False).values_list(
        "claim__visit", "posted_at"
    )
    closings = Claim.objects.filter(visit__in=visit_ids)
    by_claim = dict(closings.values_list("pk", "visit"))
    changes = StatusChange.objects.filter(
        record_type="clinic.claim", record_id__in=list(by_claim), to_status__in=("closed", "replaced", "voided")
    ).values_list("record_id", "changed_at")
    for visit_id, at in [*rows, *((by_claim[c], at) for c, at in changes)]:
        if at is not None and (visit_id not in last or at > last[visit_id]):
            last[visit_id] = at
    return last


def _acts_by_visit(visits: list[Visit]) -> dict[UUID, list[AuditEvent]]:
    """Changes by people, laid to the visit whose row (or whose claim's, denial's, charge's row) they changed."""
    ids = [v.pk for v in visits]
    owner: dict[UUID, UUID] = {pk: pk for pk in ids}
    owner |= dict(Claim.objects.filter(visit__in=ids).values_list("pk", "visit"))
    owner |= dict(Denial.objects.filter(claim__visit__in=ids).values_list("pk", "claim__visit"))
    owner |= {k: v for k, v in ChargeItem.objects.filter(visit__in=ids).values_list("pk", "visit") if v}
    owner |= dict(ClaimResponse.objects.filter(claim__visit__in=ids).values_list("pk", "claim__visit"))
    owner |= {k: v for k, v in Payment.objects.filter(visit__in=ids).values_list("pk", "visit") if v}
    by_patient: dict[UUID, list[Visit]] = defaultdict(list)
    for visit in visits:
        by_patient[visit.patient_id].append(visit)
    guarantors = {v.guarantor_id: v for v in visits}
    coverages = dict(Coverage.objects.filter(patient__in=list(by_patient)).values_list("pk", "patient"))
    found: dict[UUID, list[AuditEvent]] = defaultdict(list)
    for act in AuditEvent.objects.filter(actor_kind="user", is_change=True).exclude(act__in=NOT_A_TOUCH).order_by("id"):
        visit_id = owner.get(act.record_id) if act.record_id else None
        if visit_id is None:
            patient_id = act.patient_id or (coverages.get(act.record_id) if act.record_id else None)
            for visit in by_patient.get(patient_id, []) if patient_id else _of_guarantor(act, guarantors, by_patient):
                found[visit.pk].append(act)
            continue
        found[visit_id].append(act)
    return found


def _of_guarantor(act: AuditEvent, guarantors: dict[UUID, Visit], by_patient: dict[UUID, list[Visit]]) -> list[Visit]:
    """Plans, cases and payments of an account touch every visit of it."""
    named = act.detail.get("guarantor") if isinstance(act.detail, dict) else None
    visit = guarantors.get(UUID(named)) if named else None
    return by_patient.get(visit.patient_id, []) if visit else []


def _human_acts(visits: list[Visit]) -> int:
    """Changes by back-office people, shared ones included, and by anybody on a visit after its check-out."""
    ends = [v.checked_out_at for v in visits if v.checked_out_at]
    if not ends:
        return 0
    back = Q(actor_id__in=_people(("biller", "billing_manager", "collector", "administrator")))
    return AuditEvent.objects.filter(back, actor_kind="user", is_change=True, at__gt=min(ends)).count()


def _people(roles: tuple[str, ...]) -> list[UUID]:
    return list(User.objects.filter(role__in=roles).values_list("pk", flat=True))


def _first_members(claims: Any) -> list[Claim]:
    """The first claim of each visit: a later one to another payer follows an answer."""
    seen: dict[UUID, Claim] = {}
    for claim in claims.order_by("created_at", "number"):
        seen.setdefault(claim.visit_id, claim)
    return list(seen.values())


def _first_answers(claims: list[Claim]) -> list[UUID]:
    """The answers of the first 835 that spoke of each claim (it may speak line by line)."""
    first: dict[UUID, tuple[Any, list[UUID]]] = {}
    rows = ClaimResponse.objects.filter(claim__in=claims).order_by("created_at", "position")
    for response in rows:
        claim_id = response.claim_id
        if claim_id is None:
            continue
        check, ids = first.setdefault(claim_id, (response.remittance_id, []))
        if response.remittance_id == check:
            ids.append(response.pk)
    return [pk for _check, ids in first.values() for pk in ids]


def _cents_lost(charges: Decimal) -> Decimal:
    """Charges that neither payments nor adjustments nor open balances explain."""
    money = {k: Decimal(v) for k, v in _money(charges).items()}
    explained = (
        money["payer_paid"] + money["patient_paid"] + money["contractual"] + money["sequestration"] + money["discounts"]
        + money["small_balances"] + money["written_off"] + money["open_payer"] + money["open_patient"] + money["at_agency"]
    )  # fmt: skip
    return charges - explained


def _money(charges: Decimal) -> dict[str, str]:
    def on(*accounts: str) -> Decimal:
        sums = Posting.objects.filter(account__in=accounts, charge__kind="service").aggregate(
            d=Sum("debit"), c=Sum("credit")
        )
        return (sums["d"] or ZERO) - (sums["c"] or ZERO)

    return {
        "charges": str(charges),
        "payer_paid": str(on("REMIT") + on("RECOUP")),
        "patient_paid": str(on("CASH", "CARD", "BANK", "CRED", "BREC", "AFEE")),
        "contractual": str(on("CTR")),
        "sequestration": str(on("SEQ")),
        "discounts": str(on("SPD")),
        "small_balances": str(on("SB")),
        "written_off": str(on("DWO", "CHAR", "BAD")),
        "open_payer": str(on("INS")),
        "open_patient": str(on("PAT", "PLAN")),
        "at_agency": str(on("AGCY")),
    }


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 4)
