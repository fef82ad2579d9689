"""Charges to claims: make, refresh from the record, hold, release, void. The lines of a claim mirror its charges."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from billing.services.claim_writing import filing_deadline, first_coverage, new_claim, to_patient, write_lines
from billing.services.scrub import locked_claim, scrub
from clinic import audit
from clinic.errors import ClinicError, Conflict
from clinic.models import ChargeItem, Claim, ClaimLine, Coverage, Provider, User, Visit
from clinic.services.events import emit
from clinic.services.visits import pays_without_insurance

Status = Claim.Status
MOST_LINES = 50
TELEHEALTH = frozenset({"93", "95"})
TELEHEALTH_AT_HOME = "10"
NOT_WITH_THE_PAYER = (
    Status.DRAFT, Status.EDITS_FAILED, Status.HELD, Status.READY, Status.REJECTED, Status.SYNTAX_REJECTED,
)  # fmt: skip
EDITABLE = NOT_WITH_THE_PAYER
GONE = (Status.VOIDED, Status.REPLACED)


@transaction.atomic
def create_claims(*, visit: Visit, by: User | None) -> list[Claim]:
    """The claims of a visit's unclaimed charges to its first payer: one a place of service and clinician, ≤ 50 lines.

    Under the visit's row lock, so that two makers leave one claim. Each is scrubbed at once. Refused, with nothing
    written, for a visit that was undone, pays for itself, or may not be told to the plan.
    """
    visit = (
        Visit.objects.select_for_update(of=("self",)).select_related("patient", "location", "provider").get(pk=visit.pk)
    )
    coverage = billable_coverage(visit)
    charges = unclaimed_charges(visit)
    if not charges:
        raise ClinicError("Every charge of this visit is on a claim already, or there is none. Enter charges first.")
    refuse_two_people(visit, charges)
    claims = [
        new_claim(
            visit=visit, coverage=coverage, order=1, charges=part, place_of_service=place, rendering=rendering, by=by
        )
        for (place, rendering), members in _grouped(visit, charges).items()
        for part in _parts(members)
    ]
    for claim in claims:
        scrub(claim=claim, by=by)
    return claims


def billable_coverage(visit: Visit) -> Coverage:
    """The policy that is asked first for this visit; ClinicError says why none may be."""
    if visit.status in (Visit.Status.UNDONE, Visit.Status.LEFT):
        raise ClinicError(
            "This visit was undone or the patient left unseen. There is nothing to bill; void its charges."
        )
    if visit.patient.merged_into_id is not None:
        raise ClinicError("This record was merged into another. Bill the visit under the record that stays.")
    if visit.patient.restricts_disclosure:
        raise ClinicError(
            "The patient pays in full and forbade telling the plan (45 CFR 164.522). No claim may be made for this visit."
        )
    if visit.is_self_pay:
        raise ClinicError("The patient pays for this visit without insurance. No claim is made.")
    coverage = first_coverage(visit)
    if coverage is None:
        raise ClinicError(
            f"No coverage was in force on {visit.service_date:%m/%d/%Y}. Add the coverage, or mark the visit as self-pay."
        )
    return coverage


def unclaimed_charges(visit: Visit) -> list[ChargeItem]:
    live = ClaimLine.objects.filter(claim__visit=visit).exclude(claim__status__in=GONE).values("charge")
    rows = visit.charges.filter(voided_at=None, kind=ChargeItem.Kind.SERVICE).exclude(pk__in=live)
    return list(rows.select_related("rendering_provider").order_by("created_at", "id"))


def refuse_two_people(visit: Visit, charges: Iterable[ChargeItem]) -> None:
    for charge in charges:
        if charge.patient_id != visit.patient_id:
            raise ClinicError(
                f"Charge {charge.code} belongs to another patient than the visit. Void it, and enter it on that visit."
            )


@transaction.atomic
def refresh_claim(*, claim: Claim, by: User | None) -> Claim:
    """The charges, diagnoses or coverage changed: rewrite the lines and scrub. Only while the payer does not have it."""
    locked = locked_claim(claim)
    if locked.status not in EDITABLE:
        raise ClinicError(
            f"Claim {locked.number} is with the payer ({locked.get_status_display().lower()})."
            " Wait for the answer, then send a corrected claim."
        )
    charges = [
        line.charge
        for line in locked.lines.select_related("charge")
        if not line.charge.is_void
    ]  # fmt: skip
    if not charges:
        return void_claim(claim=claim, reason="all its charges were voided", by=by)
    if locked.file_by is None or locked.after_id is None:
        Claim.objects.filter(pk=locked.pk).update(file_by=filing_deadline(locked.payer, charges))
    write_lines(locked, charges)
    scrub(claim=locked, by=by)
    claim.refresh_from_db()
    return claim


def editable_claims_of(charge: ChargeItem) -> list[Claim]:
    """Claims to be rewritten when this charge changes; refused when a payer is deciding on one.

    Locked here, before the account is: the posting takes them in the same order.
    """
    ids = ClaimLine.objects.filter(charge=charge).values("claim")
    rows = list(
        Claim.objects.select_for_update().filter(pk__in=ids).exclude(status__in=(*GONE, Status.CLOSED)).order_by("id")
    )
    for claim in rows:
        if claim.status not in EDITABLE:
            raise ClinicError(
                f"This charge is on claim {claim.number}, which is with the payer"
                f" ({claim.get_status_display().lower()}). Send a corrected claim instead."
            )
    return rows


CLAIM_FIELDS = ("place_of_service", "referring_provider", "prior_authorization_number", "clia_number")


@transaction.atomic
def edit_claim(*, claim: Claim, changes: dict[str, Any], by: User | None, version: int | None = None) -> Claim:
    """What stands on the claim alone (place, referring, authorization, CLIA); then its lines anew, and the edits."""
    unknown = set(changes) - set(CLAIM_FIELDS)
    if unknown:
        raise ClinicError(f"{', '.join(sorted(unknown))} cannot be changed on a claim.")
    locked = locked_claim(claim)
    if locked.status not in EDITABLE:
        raise ClinicError(f"Claim {locked.number} is with the payer. Send a corrected claim instead.")
    if version is not None and version != locked.version:
        raise Conflict("Somebody else has changed this claim since you opened it. Look at it again.")
    for name, value in changes.items():
        setattr(locked, name, value)
    locked.version += 1
    locked.save(update_fields=[*changes, "version", "updated_at"])
    audit.record(act="claim.edited", by=by, patient=locked.patient, row=locked, detail={"fields": sorted(changes)})
    return refresh_claim(claim=claim, by=by)


@transaction.atomic
def hold_claim(*, claim: Claim, reason: str, by: User | None) -> Claim:
    """Not to be sent until somebody releases it."""
    if not reason.strip():
        raise ClinicError("Say why the claim is held.", field="reason")
    claim.move_to(Status.HELD, by=by, reason=reason[:300], hold_reason=reason.strip()[:200])
    audit.record(act="claim.held", by=by, patient=claim.patient, row=claim, why=reason)
    return claim


@transaction.atomic
def release_claim(*, claim: Claim, by: User | None) -> Claim:
    """Off hold: it is scrubbed anew and is ready or needs correction."""
    if claim.status != Status.HELD:
        raise ClinicError(f"Claim {claim.number} is not held.")
    claim.move_to(Status.DRAFT, by=by, reason="released", hold_reason="")
    audit.record(act="claim.released", by=by, patient=claim.patient, row=claim)
    scrub(claim=claim, by=by)
    return claim


@transaction.atomic
def void_claim(*, claim: Claim, reason: str, by: User | None) -> Claim:
    """Never to be sent. What the payer has adjudicated is voided by a claim of frequency 8, not here.

    Where the plan may not be told (45 CFR 164.522) or the visit is self-pay, the patient owes the charges from now on.
    """
    if not reason.strip():
        raise ClinicError("Say why the claim is voided.", field="reason")
    locked = locked_claim(claim)
    if locked.status not in NOT_WITH_THE_PAYER:
        raise ClinicError(
            f"Claim {locked.number} is with the payer ({locked.get_status_display().lower()}). Void it there, with an 8."
        )
    locked.move_to(Status.VOIDED, by=by, reason=reason[:300])
    audit.record(act="claim.voided", by=by, patient=locked.patient, row=locked, why=reason)
    if locked.patient.restricts_disclosure or locked.visit.is_self_pay:
        for line in locked.lines.select_related("charge"):
            to_patient(charge=line.charge, coverage=locked.coverage, by=by)
    emit(kind="claim.voided", record=locked, patient=locked.patient, by=by)
    claim.status = locked.status
    return claim


@transaction.atomic
def bill_uninsured(*, claim: Claim, reason: str, by: User) -> Claim:
    """The payer knows no such member and nobody else covers the visit: the patient owes it, by a person's decision.

    Only before adjudication; what a payer has decided is settled on its denial.
    """
    locked = locked_claim(claim)
    if locked.payer.is_medicaid or locked.patient.is_qmb:
        raise ClinicError("A Medicaid or QMB patient may not be billed for this visit. Find out who covers it.")
    pays_without_insurance(visit=locked.visit, reason=reason, by=by)
    return void_claim(claim=claim, reason=reason, by=by)


def _grouped(visit: Visit, charges: Sequence[ChargeItem]) -> dict[tuple[str, Provider], list[ChargeItem]]:
    groups: dict[tuple[str, Provider], list[ChargeItem]] = {}
    for charge in charges:
        place = TELEHEALTH_AT_HOME if TELEHEALTH & set(charge.modifiers) else visit.location.place_of_service
        groups.setdefault((place, charge.rendering_provider or visit.provider), []).append(charge)
    return groups


def _parts(charges: Sequence[ChargeItem]) -> Iterable[Sequence[ChargeItem]]:
    return (charges[at : at + MOST_LINES] for at in range(0, len(charges), MOST_LINES))


__all__ = [
    "EDITABLE", "bill_uninsured", "billable_coverage", "create_claims", "edit_claim", "editable_claims_of", "first_coverage", "hold_claim",
    "new_claim", "refresh_claim", "release_claim", "unclaimed_charges", "void_claim",
]  # fmt: skip
