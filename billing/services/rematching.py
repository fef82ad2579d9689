"""Answers that came before the claim they answer: a payer to which a claim was forwarded may be quicker than our own
posting of the payer before. They are held at first and matched again when the forwarded claim stands."""

import logging

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from billing.edi.remittance_835 import ClaimPayment, Refusal, read_parts
from billing.models import ClaimResponse, Remittance
from billing.services.matching import NEVER_SENT, lineages_of, match_claim, match_lines
from clinic import audit
from clinic.models import Claim
from clinic.services.events import emit

log = logging.getLogger(__name__)

Status = ClaimResponse.Status


def match_again(limit: int = 20) -> int:
    """How many held answers found their claim. Safe to repeat: only an answer that is held without a claim is moved."""
    found = 0
    for remittance in _with_new_claims(limit):
        try:
            found += _match(remittance)
        except Exception:
            log.exception("held answers not matched again", extra={"remittance_id": str(remittance.pk)})
    return found


def _with_new_claims(limit: int) -> list[Remittance]:
    """Checks with an answer held for want of a claim, where a claim of that payer and lineage was made since."""
    made_since = (
        Claim.objects.filter(
            after__control_number=OuterRef("patient_control_number"), payer=OuterRef("remittance__payer"),
            created_at__gte=OuterRef("created_at"),
        )
        .exclude(status__in=NEVER_SENT)
    )  # fmt: skip
    waiting = ClaimResponse.objects.filter(
        remittance=OuterRef("pk"), status=Status.HELD, claim=None
    ).filter(Exists(made_since))  # fmt: skip
    rows = Remittance.objects.filter(
        Exists(waiting), status__in=(Remittance.Status.IMPORTED, Remittance.Status.PART_HELD)
    )
    return list(rows.select_related("transmission", "payer").order_by("created_at", F("position"))[:limit])


@transaction.atomic
def _match(remittance: Remittance) -> int:
    payments = _payments(remittance)
    rows = remittance.responses.select_for_update().filter(status=Status.HELD, claim=None).prefetch_related("lines")
    lineages = lineages_of(payments.values())
    found = 0
    for response in rows.order_by("position"):
        payment = payments.get(response.position)
        match = match_claim(payment, remittance.payer, lineages) if payment else None
        if payment is None or match is None or match.claim is None:
            continue
        lines = match_lines(payment, list(match.claim.lines.all()))
        if any(line is None for line in lines):
            continue
        for row, line in zip(response.lines.order_by("position"), lines, strict=True):
            row.line, row.charge_item = line, line.charge if line else None
            row.save(update_fields=["line", "charge_item", "updated_at"])
        response.move_to(
            Status.MATCHED,
            by=None,
            reason="the claim was made after this answer came",
            claim=match.claim,
            held_reason="",
        )
        audit.record(act="remittance.matched_again", patient=match.claim.patient, row=response)
        found += 1
    if found:
        emit(kind="remittance.imported", record=remittance, payload={"matched_again": found})
    return found


def _payments(remittance: Remittance) -> dict[int, ClaimPayment]:
    """The claim payments of this check by their segment, read from the kept file."""
    for part in read_parts(bytes(remittance.transmission.payload)):
        if not isinstance(part, Refusal) and part.digest == remittance.digest:
            return {claim.position: claim for claim in part.claims}
    return {}
