"""Ready claims to one 837P per trading partner, posted once.

The file, its control numbers, the sendings and the claims' new state are one transaction: either the file lies in the
outbox and every claim of it is *sent*, or nothing happened. The clearinghouse delivers it after the commit.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max

from billing.claim_edits import STOP
from billing.edi.claim_837p import TRANSACTION_NUMBER, faults, to_x12, write_batch
from billing.models import ClaimSubmission
from billing.services.content import content_of, digest_of
from billing.services.scrub import let_go
from clearinghouse.control_numbers import ControlNumbers
from clearinghouse.models import TradingPartner, Transmission
from clearinghouse.services.exchange import post_file
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Claim, Practice, User
from clinic.services.events import emit
from insurance.models import PayerRoute
from x12.errors import X12Error

log = logging.getLogger(__name__)

MOST_IN_A_FILE = 500
Status = Claim.Status


@dataclass
class Sent:
    """What one turn did: the files posted, the claims in them, and those that the writer refused."""

    files: list[Transmission] = field(default_factory=list)
    claims: int = 0
    refused: int = 0


def submit_ready(*, by: User | None = None) -> Sent:
    """The clock's turn: one file for each partner that has ready claims. Safe to repeat and to run twice at once."""
    sent = Sent()
    for partner in TradingPartner.objects.filter(is_active=True, payer_routes__does_claims=True).distinct():
        try:
            _submit_to(partner, sent, by)
        except Exception:  # one partner's trouble does not keep the others' claims
            log.exception("claims not submitted", extra={"partner_id": str(partner.pk)})
    return sent


@transaction.atomic
def submit_claims(
    *, partner: TradingPartner, claims: Sequence[Claim], by: User | None, key: str | None = None
) -> Transmission | None:
    """These claims in one file to this partner. The same key again is the same file, and moves nothing.

    A claim that the 837P writer refuses goes back to correction with the sentence and does not stop the others.
    None when nothing is left to send.
    """
    if key is not None:
        known = Transmission.objects.filter(key=key).first()
        if known is not None:
            return known
    locked = list(
        _sendable()
        .filter(pk__in=[claim.pk for claim in claims], status=Status.READY)
        .select_for_update(of=("self",))
        .order_by("id")
    )
    if not locked:
        return None
    return _send(partner, locked, key, Sent(), by)


def submit_one(*, claim: Claim, by: User | None) -> Transmission:
    """A person sends one claim now instead of waiting for the clock."""
    route = PayerRoute.objects.filter(payer_id=claim.payer_id, does_claims=True, partner__is_active=True).first()
    if route is None:
        raise ClinicError("No trading partner takes claims for this payer. Add a payer route.")
    if claim.status != Status.READY:
        raise ClinicError(
            f"Claim {claim.number} is {claim.get_status_display().lower()}; only a ready claim can be sent."
        )
    file = submit_claims(partner=route.partner, claims=[claim], by=by)
    claim.refresh_from_db()
    if file is None:
        reasons = [f["sentence"] for f in claim.findings if f["severity"] == STOP]
        raise ClinicError(
            reasons[0] if reasons else "Somebody else has just sent or changed this claim. Look at it again."
        )
    return file


def _submit_to(partner: TradingPartner, sent: Sent, by: User | None) -> None:
    """Files of at most 500 claims until none is ready, the nearest deadline first; each its own transaction."""
    while True:
        with transaction.atomic():
            claims = list(
                _sendable()
                .filter(status=Status.READY, payer__routes__partner=partner, payer__routes__does_claims=True)
                .select_for_update(of=("self",), skip_locked=True)
                .order_by("file_by", "id")[:MOST_IN_A_FILE]
            )
            mine = [claim for claim in claims if _partner_of(claim) == partner.pk]
            if not mine:
                return
            _send(partner, sorted(mine, key=lambda claim: claim.pk), None, sent, by)
        if len(claims) < MOST_IN_A_FILE:
            return


def _sendable() -> Any:
    return Claim.objects.select_related(
        "visit__location", "patient", "coverage__patient", "payer", "rendering_provider", "referring_provider",
        "after__payer", "after__coverage__payer", "after__coverage__patient",
    ).prefetch_related("payer__routes__partner", "lines")  # fmt: skip


def _partner_of(claim: Claim) -> Any:
    """Of several partners that take a payer's claims, the first active one: no claim goes out by two."""
    rows = [r for r in claim.payer.routes.all() if r.does_claims and r.partner.is_active]  # type: ignore[attr-defined]
    routes = sorted(rows, key=lambda r: r.created_at)
    return routes[0].partner_id if routes else None


def _send(
    partner: TradingPartner, claims: Sequence[Claim], key: str | None, sent: Sent, by: User | None
) -> Transmission | None:
    practice = Practice.objects.get()
    routes = {r.payer_id: r.payer_id_there for r in PayerRoute.objects.filter(partner=partner, does_claims=True)}
    spelled = []
    for claim in claims:
        sentences = _forbidden(claim)
        try:
            said = to_x12(claim, practice=practice, payer_identifier=routes.get(claim.payer_id, claim.payer.payer_id))
            sentences += faults(said)
        except X12Error as error:
            sentences.append(error.sentence)
        if sentences:
            _refuse(claim, sentences, by)
            sent.refused += 1
        else:
            spelled.append((claim, said))
    if not spelled:
        return None
    attempts = _attempts([claim for claim, _ in spelled])
    drawn: list[ControlNumbers] = []

    def write(numbers: ControlNumbers) -> bytes:
        drawn.append(numbers)
        return write_batch(numbers=numbers, claims=[said for _, said in spelled], practice=practice)

    file = post_file(
        partner=partner, kind=Transmission.Kind.CLAIMS, key=key or _batch_key(partner, attempts), write=write
    )
    if not drawn:  # the key was taken: these very sendings are on their way already
        return file
    for claim, _said in spelled:
        _mark_sent(claim, file, drawn[0], attempts[claim.pk], practice, by)
    sent.files.append(file)
    sent.claims += len(spelled)
    return file


def _forbidden(claim: Claim) -> list[str]:
    """What may never leave, asked once more at the door: the record may have changed since the scrub."""
    if claim.frequency == Claim.Frequency.VOID:  # it takes back what the payer knows already
        return []
    if claim.patient.restricts_disclosure:
        return [
            "The patient paid in full and forbade telling the plan (45 CFR 164.522). Void the claim; it may not be sent."
        ]
    if claim.patient.merged_into_id is not None:
        return ["This record was merged into another. Bill the visit under the record that stays."]
    return []


def _attempts(claims: Sequence[Claim]) -> dict[Any, int]:
    rows = ClaimSubmission.objects.filter(claim__in=claims).values("claim").annotate(last=Max("attempt"))
    last = {row["claim"]: row["last"] for row in rows}
    return {claim.pk: last.get(claim.pk, 0) + 1 for claim in claims}


def _batch_key(partner: TradingPartner, attempts: dict[Any, int]) -> str:
    """The sendings themselves: the same claims at the same attempt are the same file."""
    said = ",".join(f"{pk}:{attempts[pk]}" for pk in sorted(attempts, key=str))
    return f"837P:{partner.pk}:{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def _mark_sent(
    claim: Claim, file: Transmission, numbers: ControlNumbers, attempt: int, practice: Practice, by: User | None
) -> None:
    content = content_of(claim, practice)
    digest = digest_of(content)
    ClaimSubmission.objects.create(
        claim=claim, transmission=file, attempt=attempt, interchange_number=numbers.interchange,
        group_number=numbers.group, transaction_number=TRANSACTION_NUMBER, content_sha256=digest, content=content,
    )  # fmt: skip
    claim.move_to(
        Status.SUBMITTED, by=by, reason=f"in file {numbers.interchange}", submitted_at=clock.now(),
        first_billed_on=claim.first_billed_on or clock.today(claim.visit.location), content_sha256=digest,
    )  # fmt: skip
    audit.record(act="claim.submitted", by=by, patient=claim.patient, row=claim, detail={"file": numbers.interchange})
    emit(kind="claim.submitted", record=claim, patient=claim.patient, payload={"transmission": file.pk}, by=by)


def _refuse(claim: Claim, sentences: Sequence[str], by: User | None) -> None:
    findings = [f for f in claim.findings if f["severity"] != STOP]
    findings = [{"code": "writer", "severity": STOP, "sentence": s, "line": 0} for s in sentences] + findings
    Claim.objects.filter(pk=claim.pk).update(findings=findings)
    claim.findings = findings
    let_go(claim, Status.EDITS_FAILED, by=by, reason=sentences[0])
