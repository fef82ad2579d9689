"""What a payer's answer says, read from its rows for the posting: reasons by line, whose turn is next, what is held."""

from collections.abc import Sequence
from uuid import UUID

from billing.models import ClaimResponse, LineResponse
from billing.services.denials import Refused
from billing.services.judgement import Judgement, Reason, Told, is_cost_share_forbidden, patient_share
from clinic.errors import ClinicError
from clinic.models import ChargeItem, Claim, Coverage
from clinic.money import ZERO, dollars

PAYMENT_KEY = "835:"


def payment_key(response_id: UUID) -> str:
    """The journal's key of what this answer posts: once, however often it is tried."""
    return f"{PAYMENT_KEY}{response_id}"


def next_coverage(claim: Claim) -> Coverage | None:
    """Who pays after this claim's payer on the date of service; None is the patient."""
    return (
        Coverage.objects.on(claim.visit.service_date)
        .filter(patient=claim.patient, order__gt=claim.coverage.order)
        .exclude(pk=claim.coverage_id)
        .select_related("payer")
        .first()
    )


def charge_of(row: LineResponse) -> ChargeItem:
    if row.charge_item is None:
        raise ClinicError(f"Line {row.code} of the answer is not on our claim.")
    return row.charge_item


def told_by(row: LineResponse) -> Told:
    return Told(row.charge, row.paid, tuple(reasons_in(row.response, row)))


def reasons_in(response: ClaimResponse, row: LineResponse | None) -> list[Reason]:
    return [
        Reason(a.group, a.reason_code, a.amount)
        for a in response.adjustments.all()
        if a.line_id == (row.pk if row else None)
    ]


def why_patient_leg_is_held(
    response: ClaimResponse, told: Sequence[Told], following: Coverage | None, claim: Claim
) -> str:
    reasons = [r for line in told for r in line.reasons]
    share = patient_share(reasons)
    stated = response.patient_responsibility or ZERO
    if share != stated:
        return f"The lines give the patient {dollars(share)}, the claim says {dollars(stated)} (CLP05)."
    remarks = [*response.remark_codes, *(c for row in response.lines.all() for c in row.remark_codes)]
    forbidden = is_cost_share_forbidden(reasons, remarks) or claim.patient.is_qmb
    if forbidden and share > 0 and (following is None or not following.payer.is_medicaid):
        return "Qualified Medicare Beneficiary: the patient owes no cost share, and no Medicaid is on file."
    return ""


def refused_by(
    response: ClaimResponse, claim: Claim, row: LineResponse, verdict: Judgement, held: Sequence[Reason] = ()
) -> Refused | None:
    """What the answer leaves open on this line, by its largest reason. `held` is a patient's share nobody may be asked for."""
    reasons = verdict.denied or held
    if verdict.left <= 0 or not reasons:
        return None
    worst = max(reasons, key=lambda r: r.amount)
    remarks = list(dict.fromkeys([*row.remark_codes, *response.remark_codes]))
    return Refused(claim, response, row, charge_of(row), worst.group, worst.code, remarks, verdict.left)
