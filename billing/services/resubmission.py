"""Sending again, in its four kinds: replacement (7), new claim (1), void (8), another payer (1).

A correction is a new Claim that *replaces* the old one in the same lineage; history stands. Identical content is
refused, attempts are limited, and what a payer takes decides the kind (Payer.replacement, RARC MA130).
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from billing.models import ClaimSubmission, Correction, Denial
from billing.playbook import is_unprocessable
from billing.services import denials
from billing.services.claim_writing import new_claim
from billing.services.content import changes_between, content_of, digest_of
from billing.services.scrub import locked_claim, scrub
from clinic import audit, clock
from clinic.errors import ClinicError, Conflict
from clinic.models import ChargeItem, Claim, ClaimLine, Coverage, Payer, User, record_status
from clinic.money import ZERO
from clinic.services.events import emit
from ledger.queries.balances import owed_by_coverage
from ledger.services.entries import charge as post_charge
from ledger.services.entries import undo_charge

Status = Claim.Status
Frequency = Claim.Frequency
MOST_ATTEMPTS = 4
GONE = (Status.VOIDED, Status.REPLACED)
ADJUDICATED = (Status.DENIED, Status.PARTIALLY_PAID, Status.PAID, Status.ADJUDICATED, Status.APPEALED, Status.REVERSED)
ON_THE_CLAIM = (
    "place_of_service", "referring_provider", "rendering_provider", "prior_authorization_number", "clia_number",
    "diagnosis_codes",
)  # fmt: skip
ON_THE_LINE = ("modifiers", "ndc", "pointers", "units", "amount", "code")


@transaction.atomic
def correct_claim(
    *,
    claim: Claim,
    changes: dict[str, Any],
    reason: str,
    by: User | None,
    line_changes: dict[Any, dict[str, Any]] | None = None,
    version: int | None = None,
    rule: str = "by hand",
    evidence: dict[str, Any] | None = None,
) -> Claim:
    """The whole claim again with what was wrong put right. `line_changes` maps a charge's id to its new values.

    What stands on the record (member id, birth date) is changed there first, then this is called with no changes.
    Raises when nothing differs: the payer would answer "duplicate" (CARC 18).
    """
    old = locked_claim(claim)
    if version is not None and old.version != version:
        raise Conflict("This claim has changed since you opened it. Look at it again.")
    frequency, reference = _kind(old)
    if not reason.strip():
        raise ClinicError("Say what was wrong.", field="reason")
    corrected = _next_member(old, changes, frequency, reference, reason, by)
    before, fingerprint = _as_sent(old)
    _write_lines(old, corrected, line_changes or {}, by)
    now = content_of(corrected)
    if len(now["lines"]) < len(before["lines"]):
        before = _without_other_lines(before, old, corrected)
        fingerprint = digest_of(before)
    if digest_of(now) == fingerprint:
        raise ClinicError("Nothing differs from the claim that was denied. The payer would call it a duplicate.")
    diff = {c.what: [c.before, c.now] for c in changes_between(before, now)}
    scrub(claim=corrected, by=by)
    corrected.refresh_from_db()
    _note(old, corrected, rule, evidence or {}, diff, reason, by)
    return corrected


@transaction.atomic
def void_at_payer(*, claim: Claim, reason: str, by: User) -> Claim:
    """Take back a claim that should never have been billed (8). A person's act: the payer will take its money back."""
    old = locked_claim(claim)
    if old.status not in ADJUDICATED:
        raise ClinicError("Only a claim that the payer has decided is voided there. Void this one here.")
    if not old.payer_claim_number:
        raise ClinicError("The payer's claim number is not known, so an 8 cannot name the claim. Enter it first.")
    if old.payer.replacement in (Payer.Replacement.REOPENING, Payer.Replacement.NEW_CLAIM):
        raise ClinicError(f"{old.payer} takes no void (8). Ask it to reopen the claim.")
    if not reason.strip():
        raise ClinicError("Say why the claim is voided.", field="reason")
    voiding = _next_member(old, {}, Frequency.VOID, old.payer_claim_number, reason, by)
    _write_lines(old, voiding, {}, by)
    scrub(claim=voiding, by=by)
    voiding.refresh_from_db()
    audit.record(act="claim.void_sent", by=by, patient=old.patient, row=voiding, why=reason)
    return voiding


@transaction.atomic
def bill_other_payer(
    *, claim: Claim, coverage: Coverage, reason: str, by: User | None, rule: str = "by hand",
    evidence: dict[str, Any] | None = None,
) -> Claim:  # fmt: skip
    """A new claim (1, no F8) to the payer that really covers it; the old one closes with nothing left on it.

    The payer that refused does not stand before it: the new claim takes the old one's place in the order.
    """
    old = locked_claim(claim)
    if coverage.payer_id == old.payer_id and coverage.pk == old.coverage_id:
        raise ClinicError("That is the payer that refused it.", field="coverage")
    if coverage.patient_id != old.patient_id:
        raise ClinicError("This coverage belongs to another patient.", field="coverage")
    if not (coverage.starts_on <= old.visit.service_date <= (coverage.ends_on or old.visit.service_date)):
        raise ClinicError("This coverage was not in force on the date of service.", field="coverage")
    if old.status not in (*ADJUDICATED, Status.REJECTED, Status.CLOSED):
        raise ClinicError(
            f"Claim {old.number} is {old.get_status_display().lower()}. Another payer is billed after an answer;"
            " a claim that was not sent is voided, and made anew for the right coverage."
        )
    if any(line.responses.filter(paid__gt=0, response__reversed_by=None).exists() for line in old.lines.all()):
        raise ClinicError("The payer has paid a line of this claim. Void it there first.")
    charges = [line.charge for line in old.lines.select_related("charge") if not line.charge.is_void]
    there = Claim.objects.filter(coverage=coverage, lines__charge__in=charges).exclude(status__in=GONE).first()
    if there is not None:
        raise ClinicError(f"Claim {there.number} asks {coverage.payer} for these lines already.")
    for denial in Denial.objects.filter(claim=old, status__in=Denial.UNFINISHED).select_related("claim__coverage"):
        denials.move_to_payer(denial=denial, coverage=coverage, by=by, why=reason)
    made = new_claim(
        visit=old.visit, coverage=coverage, order=min(coverage.order, old.order), charges=charges, after=old.after,
        place_of_service=old.place_of_service, rendering=old.rendering_provider, by=by,
    )  # fmt: skip
    if old.can_move_to(Status.CLOSED):
        old.move_to(Status.CLOSED, by=by, reason=f"billed to {coverage.payer} as {made.number}"[:300])
    scrub(claim=made, by=by)
    made.refresh_from_db()
    _note(old, made, rule, evidence or {}, {"Payer": [old.payer.name, coverage.payer.name]}, reason, by, wait=False)
    return made


def kind_in_words(claim: Claim) -> str:
    """For the page: as what this claim would be sent again."""
    try:
        frequency, reference = _kind(claim)
    except ClinicError as error:
        return error.sentence
    if frequency == Frequency.REPLACEMENT:
        return f"as a replacement (7) of {claim.payer}'s claim {reference}"
    return f"as a new claim (1): {claim.payer} takes no replacement of this one"


def _kind(claim: Claim) -> tuple[str, str]:
    """(frequency, REF*F8) of the next sending to the same payer."""
    if claim.status not in ADJUDICATED:
        raise ClinicError(
            f"Claim {claim.number} is {claim.get_status_display().lower()}."
            " A corrected claim follows an answer; before that, change the claim itself."
        )
    if claim.sequence >= MOST_ATTEMPTS:
        raise ClinicError("This claim was sent four times. Call the payer before it is sent again.")
    latest = claim.responses.exclude(status_code="22").order_by("-created_at", "-position").first()
    remarks = [*(latest.remark_codes if latest else [])]
    if latest is not None:
        remarks += [code for line in latest.lines.all() for code in line.remark_codes]
    if is_unprocessable(remarks):
        return Frequency.ORIGINAL, ""
    if claim.payer.replacement in (Payer.Replacement.FREQUENCY_7, Payer.Replacement.LINE_BY_LINE):
        if not claim.payer_claim_number:
            raise ClinicError("A correction must name the payer's claim number, and none is on file. Enter it first.")
        return Frequency.REPLACEMENT, claim.payer_claim_number
    return Frequency.ORIGINAL, ""


def _next_member(
    old: Claim, changes: dict[str, Any], frequency: str, reference: str, reason: str, by: User | None
) -> Claim:
    unknown = set(changes) - set(ON_THE_CLAIM)
    if unknown:
        raise ClinicError(f"{', '.join(sorted(unknown))} cannot be changed on a claim.")
    last = Claim.objects.filter(control_number=old.control_number).order_by("-sequence").first()
    if (
        last is not None
        and last.pk != old.pk
        and last.status not in (*ADJUDICATED, Status.VOIDED, Status.REPLACED, Status.CLOSED)
    ):
        raise ClinicError(f"Claim {last.number} of the same lineage is still on its way. Wait for its answer.")
    sequence = (last.sequence if last else old.sequence) + 1
    fields = {name: changes.get(name, getattr(old, name)) for name in ON_THE_CLAIM}
    member = Claim.objects.create(
        number=f"{old.control_number}-{sequence}", control_number=old.control_number, sequence=sequence, replaces=old,
        visit=old.visit, patient=old.patient, coverage=old.coverage, payer=old.payer, order=old.order, after=old.after,
        frequency=frequency, original_reference=reference, total=old.total, correction_reason=reason[:200],
        corrected_by_worker=by is None, file_by=_file_by(old), member_id_fingerprint=old.coverage.member_id_fingerprint,
        **fields,
    )  # fmt: skip
    record_status(member, from_status="", to_status=member.status, by=by)
    return member


def _as_sent(old: Claim) -> tuple[dict[str, Any], str]:
    """What the payer has read of us, and its fingerprint. The record may have been put right since."""
    last = ClaimSubmission.objects.filter(claim=old).order_by("-attempt").first()
    if last is not None and last.content:
        return last.content, last.content_sha256
    now = content_of(old)
    return now, old.content_sha256 or digest_of(now)


def _without_other_lines(before: dict[str, Any], old: Claim, corrected: Claim) -> dict[str, Any]:
    """One line is sent again: it is compared with itself as it was, not with the whole claim."""
    kept = set(corrected.lines.values_list("charge", flat=True))
    lines = zip(before["lines"], old.lines.all(), strict=True)
    return {**before, "lines": [said for said, line in lines if line.charge_id in kept]}


def _file_by(old: Claim) -> Any:
    denial = Denial.objects.filter(claim=old).order_by("deadline_on").first()
    return denial.deadline_on if denial else old.file_by


def _write_lines(old: Claim, member: Claim, line_changes: dict[Any, dict[str, Any]], by: User | None) -> None:
    total = ZERO
    for position, line in enumerate(_lines_sent_again(old, member, line_changes), start=1):
        charge = line.charge
        wanted = line_changes.get(charge.pk) or {}
        if wanted:
            charge = _change_charge(charge, wanted, member, by)
        number = line.control_number if _replaces_one_line(member) else f"{member.number}-{position}"
        ClaimLine.objects.create(
            claim=member, charge=charge, position=position, control_number=number,
            service_date=charge.service_date, code=charge.code, modifiers=charge.modifiers, units=charge.units,
            amount=charge.amount, pointers=charge.pointers, ndc=charge.ndc,
        )  # fmt: skip
        total += charge.amount
    member.total = total
    member.save(update_fields=["total", "updated_at"])


def _replaces_one_line(member: Claim) -> bool:
    """Such a payer knows by the line's number (REF*6R), sent unchanged, which line of its claim is replaced."""
    return member.frequency == Frequency.REPLACEMENT and member.payer.replacement == Payer.Replacement.LINE_BY_LINE


def _lines_sent_again(old: Claim, member: Claim, line_changes: dict[Any, dict[str, Any]]) -> Sequence[ClaimLine]:
    """All of them in a 7 or 8. A new claim (1) asks only for what is open: the rest would be a duplicate (CARC 18)."""
    lines = list(old.lines.select_related("charge"))
    if _replaces_one_line(member) and len(lines) > 1:
        return _the_denied_line(old, lines)
    if member.frequency == Frequency.ORIGINAL:
        is_open = {x.pk: owed_by_coverage(charge=x.charge, coverage=old.coverage) > 0 for x in lines}
        return [x for x in lines if is_open[x.pk] or x.charge_id in line_changes] or lines
    return lines


def _the_denied_line(old: Claim, lines: Sequence[ClaimLine]) -> list[ClaimLine]:
    denied = set(Denial.objects.filter(claim=old, status__in=Denial.UNFINISHED).values_list("charge", flat=True))
    wanted = [line for line in lines if line.charge_id in denied]
    if len(wanted) != 1:
        raise ClinicError(f"{old.payer} takes one replaced line a claim. Correct the lines one after the other.")
    return wanted


def _change_charge(charge: ChargeItem, wanted: dict[str, Any], member: Claim, by: User | None) -> ChargeItem:
    """A changed amount is taken back and posted anew, before the claim goes out (ledger_stories.md 3)."""
    unknown = set(wanted) - set(ON_THE_LINE)
    if unknown:
        raise ClinicError(f"{', '.join(sorted(unknown))} cannot be changed on a line.")
    amount_changes = "amount" in wanted and wanted["amount"] != charge.amount
    key = f"correct:{member.pk}:{charge.pk}"
    if amount_changes:
        undo_charge(charge=charge, key=f"{key}:undo", by=by)
    for name, value in wanted.items():
        setattr(charge, name, value)
    charge.version += 1
    charge.save()
    if amount_changes:
        post_charge(charge=charge, coverage=member.coverage, key=f"{key}:charge", by=by)
    audit.record(act="charge.corrected", by=by, patient=charge.patient, row=charge, detail={"fields": sorted(wanted)})
    return charge


def _note(
    old: Claim, made: Claim, rule: str, evidence: dict[str, Any], diff: dict[str, Any], reason: str, by: User | None,
    wait: bool = True,
) -> None:  # fmt: skip
    rows = list(Denial.objects.filter(claim=old, status__in=(Denial.Status.OPEN, Denial.Status.APPEALED)))
    Correction.objects.create(
        claim=old, denial=rows[0] if rows else None, corrected=made, outcome=Correction.Outcome.SENT, rule=rule,
        evidence=evidence, diff=diff, sentence=reason[:300], by_worker=by is None, by=by,
    )  # fmt: skip
    for denial in rows if wait else []:
        denials.wait_for_payer(
            denial=denial, by=by, note=f"Corrected as {made.number}.", days=old.payer.expected_answer_days + 9
        )
    audit.record(
        act="claim.corrected", by=by, patient=old.patient, row=made, why=reason, detail={"replaces": str(old.pk)}
    )
    emit(
        kind="claim.corrected", record=made, patient=old.patient, payload={"replaces": str(old.pk), "rule": rule}, by=by
    )
    Claim.objects.filter(pk=old.pk).update(version=old.version + 1, updated_at=clock.now())
