"""Which of our claims an 835 answers, and which of its lines. When in doubt the answer is held, never guessed."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, Prefetch, Q, When

from billing.edi.remittance_835 import ClaimPayment, ServicePayment
from clinic.fields import fingerprint
from clinic.models import Claim, ClaimLine, Payer

WAITING = (
    Claim.Status.SUBMITTED, Claim.Status.RECEIVED, Claim.Status.ACCEPTED, Claim.Status.FORWARDED,
    Claim.Status.APPEALED, Claim.Status.REJECTED,
)  # fmt: skip
NEVER_SENT = (Claim.Status.DRAFT, Claim.Status.EDITS_FAILED, Claim.Status.READY, Claim.Status.HELD)


@dataclass(frozen=True, slots=True)
class Match:
    claim: Claim | None
    reason: str = ""
    is_memo: bool = False
    """Ours, but nothing of it is to be posted."""


def lineages_of(payments: Iterable[ClaimPayment]) -> dict[str, list[Claim]]:
    """Our claims that were sent, by CLM01, the newest of each lineage first, with their lines: for `match_claim`."""
    numbers = {payment.patient_control_number for payment in payments}
    rows = (
        Claim.objects.filter(control_number__in=numbers)
        .exclude(status__in=NEVER_SENT)
        .select_related("patient", "coverage", "payer")
        .prefetch_related(Prefetch("lines", queryset=ClaimLine.objects.select_related("charge")))
        .order_by("-sequence")
    )
    found: dict[str, list[Claim]] = {}
    for claim in rows:
        found.setdefault(claim.control_number, []).append(claim)
    return found


def match_claim(payment: ClaimPayment, payer: Payer | None, lineages: Mapping[str, list[Claim]]) -> Match:
    """The member of the lineage that this CLP answers (X12 RFI 1945, 2150).

    By the payer's own number when we know it, else the latest one sent and unanswered, else the last adjudicated
    (the payer reprocessed by itself). A stranger with a number like ours is held: name or amount must fit too.
    """
    known = lineages.get(payment.patient_control_number, [])
    lineage = known
    if payer is not None:
        lineage = [c for c in known if c.payer_id == payer.pk] or _forwarded_from(known, payer)
    if not lineage and known and not payment.paid and any(_same_person(payment, c) for c in known):
        return Match(None, "Forwarded to this payer, and nothing was left for it to pay.", is_memo=True)
    if not lineage and known:
        return Match(None, f"A claim of ours has this number, but it asks {known[0].payer}, not this payer.")
    if not lineage:
        return Match(None, "No claim of ours has this number.")
    lineage = [c for c in lineage if _same_person(payment, c)]
    if not lineage:
        return Match(None, "A claim of ours has this number, but for another patient.")
    number = payment.payer_claim_number
    if payment.is_reversal:
        named = [c for c in lineage if number and c.payer_claim_number == number]
        answered = [c for c in lineage if c.answered_at is not None]
        return Match((named or answered or lineage)[0])
    named = [c for c in lineage if number and c.payer_claim_number == number and c.status in WAITING]
    waiting = [c for c in lineage if c.status in WAITING and c.frequency != Claim.Frequency.VOID]
    numbered = [c for c in lineage if number and c.payer_claim_number == number]
    return Match((named or waiting or numbered or lineage)[0])


def _forwarded_from(lineage: Sequence[Claim], payer: Payer) -> list[Claim]:
    """A payer that got the claim from the one before it answers under the number of that claim."""
    rows = Claim.objects.filter(after__in=lineage, payer=payer).exclude(status__in=NEVER_SENT)
    return list(rows.select_related("patient", "coverage", "payer").order_by("-sequence", "-created_at"))


def candidates(patient_name: str, charge: object, payer: Payer | None = None, limit: int = 8) -> list[Claim]:
    """Claims of ours that might be meant, for the person who decides: of this payer, if we know it, with this last
    name or this total; who fits in both stands first, then the name, then those that still wait for an answer.
    """
    last = patient_name.split(",")[0].strip()
    same_name = Q(patient__last_name__iexact=last) if last else Q(pk=None)
    rows = Claim.objects.filter(Q(total=charge) | same_name).exclude(status__in=NEVER_SENT)
    if payer is not None:
        rows = rows.filter(Q(payer=payer) | Q(next_payer_claims__payer=payer))
    fits = Case(When(same_name, then=2), default=0) + Case(When(total=charge, then=1), default=0)
    waits = Case(When(status__in=WAITING, then=0), default=1)
    ranked = rows.select_related("patient", "payer").annotate(fits=fits, waits=waits).distinct()
    return list(ranked.order_by("-fits", "waits", "-submitted_at", "-number")[:limit])


def match_lines(payment: ClaimPayment, lines: Sequence[ClaimLine]) -> list[ClaimLine | None]:
    """Our line for each SVC: by REF*6R, else code, date, units and charge, else code and charge, else the place."""
    free = list(lines)
    found: list[ClaimLine | None] = []
    for service in payment.lines:
        line = _by_number(service, free) or _by_facts(service, free)
        if (
            line is None
            and len(payment.lines) == len(lines)
            and len(lines) == 1
            and abs(service.charge) == lines[0].amount
        ):
            line = lines[0]
        if line is not None:
            free.remove(line)
        found.append(line)
    return found


def _by_number(service: ServicePayment, free: Sequence[ClaimLine]) -> ClaimLine | None:
    number = service.control_number
    return next((line for line in free if number and line.control_number == number), None)


def _by_facts(service: ServicePayment, free: Sequence[ClaimLine]) -> ClaimLine | None:
    billed = service.submitted_procedure or service.procedure
    codes = {billed.code, service.procedure.code}
    same = [line for line in free if line.code in codes and line.amount == abs(service.charge)]
    dated = [line for line in same if service.first_day is None or line.service_date == service.first_day]
    modified = [line for line in dated if Counter(line.modifiers) == Counter(billed.modifiers)]
    for choice in (modified, dated, same):
        if choice:
            return choice[0]
    return None


def _same_person(payment: ClaimPayment, claim: Claim) -> bool:
    """The name as the payer writes it (first letters suffice: payers cut), or the member id, or the very amount."""
    for who in (payment.patient, payment.insured):
        if who is None:
            continue
        if who.identifier and fingerprint(who.identifier) in (
            claim.member_id_fingerprint, claim.coverage.member_id_fingerprint,
        ):  # fmt: skip
            return True
        if who.last_name and _letters(who.last_name)[:5] == _letters(claim.patient.last_name)[:5]:
            return True
    named = any(w is not None and w.last_name for w in (payment.patient, payment.insured))
    return not named and abs(payment.charge) == claim.total


def _letters(name: str) -> str:
    return re.sub(r"[^A-Z]", "", name.upper())
