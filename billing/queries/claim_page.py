"""Everything the claim page shows, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from billing.models import Acknowledgment, ClaimResponse, ClaimSubmission, Denial
from clinic.models import ChargeItem, Claim, ClaimLine, Patient, StatusChange
from clinic.money import ZERO
from ledger.accounts import PATIENT_OWES, Account
from ledger.models import OpenItem


@dataclass(frozen=True, slots=True)
class LineMoney:
    """A line with who still owes what of it, as the ledger has it."""

    line: ClaimLine
    payer_owes: Decimal
    others_owe: Decimal
    patient_owes: Decimal
    allowed: Decimal | None = None
    findings: Sequence[dict[str, Any]] = field(default=())


@dataclass(frozen=True, slots=True)
class ClaimPage:
    claim: Claim
    lines: Sequence[LineMoney]
    findings: Sequence[dict[str, Any]]
    history: Sequence[StatusChange]
    submissions: Sequence[ClaimSubmission]
    acknowledgments: Sequence[Acknowledgment]
    lineage: Sequence[Claim]
    next_payers: Sequence[Claim]
    responses: Sequence[ClaimResponse]
    denials: Sequence[Denial]

    @property
    def payer_owes(self) -> Decimal:
        return sum((each.payer_owes for each in self.lines), ZERO)

    @property
    def patient_owes(self) -> Decimal:
        return sum((each.patient_owes for each in self.lines), ZERO)

    @property
    def stops(self) -> bool:
        return any(each["severity"] == "stop" for each in self.findings)


def paid_by_payer(claim: Claim) -> Decimal:
    """What the payer has paid on this claim and not taken back."""
    posted = claim.responses.filter(status=ClaimResponse.Status.POSTED)
    return posted.aggregate(s=Sum("paid"))["s"] or ZERO


def claim_page(claim_id: UUID) -> ClaimPage | None:
    claim = (
        Claim.objects.select_related(
            "visit__location", "patient", "coverage__payer", "payer", "rendering_provider", "referring_provider",
            "after__payer", "replaces",
        )
        .filter(pk=claim_id)
        .first()
    )  # fmt: skip
    if claim is None:
        return None
    lines = list(claim.lines.select_related("charge"))
    owed = _owed(claim, [line.charge for line in lines])
    by_line: dict[int, list[dict[str, Any]]] = {}
    for finding in claim.findings:
        by_line.setdefault(finding.get("line", 0), []).append(finding)
    return ClaimPage(
        claim=claim,
        lines=[
            LineMoney(line, *owed.get(line.charge_id, (ZERO, ZERO, ZERO)), findings=by_line.get(line.position, ()))
            for line in lines
        ],
        findings=claim.findings,
        history=list(claim.history().select_related("changed_by")),
        submissions=list(claim.submissions.select_related("transmission__delivery").order_by("attempt")),  # type: ignore[attr-defined]
        acknowledgments=list(claim.acknowledgments.order_by("created_at", "position")),  # type: ignore[attr-defined]
        lineage=list(Claim.objects.filter(control_number=claim.control_number).order_by("sequence")),
        next_payers=list(Claim.objects.filter(after=claim).select_related("payer").order_by("created_at")),
        responses=list(
            ClaimResponse.objects.filter(claim=claim).select_related("remittance").order_by("created_at", "position")
        ),
        denials=list(Denial.objects.filter(claim=claim).select_related("charge").order_by("created_at")),
    )


def _owed(claim: Claim, charges: Sequence[ChargeItem]) -> dict[Any, tuple[Decimal, Decimal, Decimal]]:
    """charge → (this payer, other payers, the patient)."""
    found: dict[Any, tuple[Decimal, Decimal, Decimal]] = {}
    rows = OpenItem.objects.filter(charge__in=charges, account__in=(Account.INS, *PATIENT_OWES))
    for item in rows.values("charge", "account", "coverage").annotate(total=Sum("balance")):
        here, others, patient = found.get(item["charge"], (ZERO, ZERO, ZERO))
        if item["account"] != Account.INS:
            patient += item["total"]
        elif item["coverage"] == claim.coverage_id:
            here += item["total"]
        else:
            others += item["total"]
        found[item["charge"]] = (here, others, patient)
    return found


def claims_of(patient: Patient, limit: int = 10) -> QuerySet[Claim]:
    """The newest claims of this person, also those of records merged into this one."""
    people = Patient.objects.same_person(patient)
    return Claim.objects.filter(patient__in=people).select_related("payer", "visit").order_by("-created_at")[:limit]
