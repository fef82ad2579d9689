"""What a correction would send, shown before it is sent; and the payer's claim number, entered when none is on file."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from billing.models import Correction
from billing.services import resubmission
from billing.services.content import Change
from billing.services.scrub import locked_claim
from clinic import audit
from clinic.errors import ClinicError, Conflict
from clinic.models import Claim, User


@dataclass(frozen=True, slots=True)
class Preview:
    """`findings` as the claim edits put them; a claim with one that stops is made, but not sent."""

    changes: list[Change]
    findings: list[dict[str, Any]]

    @property
    def stops(self) -> bool:
        return any(each["severity"] == "stop" for each in self.findings)


class _Undone(Exception):
    """Ends the trial; everything it wrote is rolled back."""


def preview_correction(
    *,
    claim: Claim,
    changes: dict[str, Any],
    line_changes: dict[Any, dict[str, Any]],
    reason: str,
    version: int,
    by: User,
) -> Preview:
    """The very act of `correct_claim`, rolled back: what it would refuse is refused here too."""
    found: Preview | None = None
    try:
        with transaction.atomic():
            made = resubmission.correct_claim(
                claim=claim, changes=changes, line_changes=line_changes, reason=reason, version=version, by=by
            )
            told = Correction.objects.get(corrected=made).diff
            found = Preview([Change(what, *values) for what, values in told.items()], list(made.findings))
            raise _Undone
    except _Undone:
        pass
    assert found is not None  # noqa: S101  (set before the trial ends)
    return found


@transaction.atomic
def enter_payer_claim_number(*, claim: Claim, number: str, version: int, by: User) -> Claim:
    """The payer's own number, from its portal or a call. A replacement or void must name it (REF*F8)."""
    row = locked_claim(claim)
    if row.version != version:
        raise Conflict("This claim has changed since you opened it. Look at it again.")
    clean = number.strip().upper()
    if not clean:
        raise ClinicError("Enter the number by which the payer knows this claim.", field="number")
    if row.payer_claim_number:
        raise ClinicError(f"The payer's number is on file: {row.payer_claim_number}. Its next answer may change it.")
    if row.status not in resubmission.ADJUDICATED:
        raise ClinicError("A payer's claim number is entered for a claim that the payer has decided.")
    row.payer_claim_number = clean[:50]
    row.version += 1
    row.save(update_fields=["payer_claim_number", "version", "updated_at"])
    audit.record(act="claim.payer_number_entered", by=by, patient=row.patient, row=row)
    return row
