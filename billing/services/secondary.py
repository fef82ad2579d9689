"""After the first payer, the next: its claim carries what the one before decided (2320, 2330, 2430).

Not when the payer before has forwarded the claim itself (CLP02 19, 20, 21, a crossover carrier, MA18, MA07, N89): then
the next payer's claim stands as *forwarded*, waits for that payer's answer, and is not sent.
"""

from datetime import date, timedelta

from django.db import transaction

from billing.models import ClaimResponse, Denial
from billing.queries.coordination import Decision, decision_on
from billing.services import denials
from billing.services.answers import next_coverage
from billing.services.claim_writing import filing_deadline, new_claim
from billing.services.claims import GONE, refresh_claim
from billing.services.scrub import locked_claim, scrub
from clinic import clock
from clinic.errors import ClinicError
from clinic.models import ChargeItem, Claim, Coverage, User
from clinic.money import ZERO
from ledger.queries.balances import owed_by_coverage, owed_by_patient
from x12.codes.adjustments import PATIENT

Status = Claim.Status
ANSWERED = (Status.PAID, Status.PARTIALLY_PAID, Status.ADJUDICATED)
FORWARD_WAIT_DAYS = 30
"""So long the next payer has to answer a forwarded claim before we send it ourselves."""


@transaction.atomic
def follow(*, primary: Claim, response: ClaimResponse, coverage: Coverage, by: User | None) -> Claim | None:
    """The posting's own call, when every line of `primary` is answered. Safe to repeat: one next claim a payer.

    None when the payer before left nothing for this one.
    """
    charges = _charges(primary)
    if sum((owed_by_coverage(charge=charge, coverage=coverage) for charge in charges), ZERO) <= ZERO:
        return None
    return _make(locked_claim(primary), coverage, charges, by)


@transaction.atomic
def create_secondary(*, primary: Claim, by: User | None) -> Claim:
    """A person asks for it, also when the next coverage was found late: what the patient still owes goes along."""
    locked = locked_claim(primary)
    if locked.status not in ANSWERED:
        raise ClinicError(
            f"Claim {locked.number} is {locked.get_status_display().lower()}."
            " The next payer is asked after this one has answered and is not disputed."
        )
    coverage = next_coverage(locked)
    if coverage is None:
        raise ClinicError("No further coverage was in force on that day. Add it to the patient first.")
    charges = _charges(locked)
    for share in Denial.objects.filter(
        claim=locked, group="PR", reason_code__in=PATIENT, status__in=Denial.UNFINISHED
    ).select_related("claim__coverage", "charge"):  # held because nobody was known who may be asked for it
        denials.move_to_payer(denial=share, coverage=coverage, by=by, why="The next payer is asked.")
    open_there = sum((owed_by_coverage(charge=c, coverage=coverage) for c in charges), ZERO)
    if open_there + sum((owed_by_patient(charge=c) for c in charges), ZERO) <= ZERO:
        raise ClinicError("Nothing is left to ask the next payer for.")
    return _make(locked, coverage, charges, by)


@transaction.atomic
def bill_forwarded(*, claim: Claim, by: User | None, reason: str) -> Claim:
    """The payer that should have it says it has not: send it ourselves."""
    if claim.status != Status.FORWARDED:
        raise ClinicError(f"Claim {claim.number} was not forwarded.")
    if not reason.strip():
        raise ClinicError("Say how you know that the payer has not got it.", field="reason")
    claim.move_to(Status.DRAFT, by=by, reason=reason[:300])
    return refresh_claim(claim=claim, by=by)


def _charges(primary: Claim) -> list[ChargeItem]:
    return [line.charge for line in primary.lines.select_related("charge").order_by("position")]


def _make(primary: Claim, coverage: Coverage, charges: list[ChargeItem], by: User | None) -> Claim:
    decision = decision_on(primary)
    lineage = Claim.objects.filter(after__control_number=primary.control_number, coverage=coverage)
    before = lineage.exclude(status__in=GONE).order_by("-created_at").first()
    if before is not None:
        if before.after_id != primary.pk:  # the payer before has answered a corrected claim since
            before.after = primary
            before.save(update_fields=["after", "updated_at"])
        if before.status in (Status.DRAFT, Status.EDITS_FAILED, Status.READY):  # the answer before was corrected
            refresh_claim(claim=before, by=by)
        return before
    claim = new_claim(
        visit=primary.visit, coverage=coverage, order=primary.order + 1, charges=charges,
        place_of_service=primary.place_of_service, rendering=primary.rendering_provider, by=by, after=primary,
        file_by=_deadline(coverage, charges, decision),
        status=Status.FORWARDED if decision.was_forwarded else Status.DRAFT,
    )  # fmt: skip
    if decision.was_forwarded:
        Claim.objects.filter(pk=claim.pk).update(submitted_at=clock.now(), first_billed_on=clock.today())
    else:
        scrub(claim=claim, by=by)
    claim.refresh_from_db()
    return claim


def _deadline(coverage: Coverage, charges: list[ChargeItem], decision: Decision) -> date:
    """From the remittance of the payer before; Medicare's year runs from the service also when it pays second."""
    payer = coverage.payer
    if payer.is_medicare or decision.decided_on is None:
        return filing_deadline(payer, charges)
    return decision.decided_on + timedelta(days=payer.secondary_days)
