"""Apply TA1, 999 and 277CA: what became of the claims we sent, before any payer decided.

Each answer is applied once (its key is the file and the segment) and only to the sending it is about: a late answer to
an earlier sending is kept and moves nothing. Rejected here is never "denied".
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from billing.edi.acks import BatchRejection, Broken, ClaimVerdict, InterchangeVerdict, SetVerdict
from billing.edi.acks import read_277ca as claim_verdicts
from billing.edi.acks import read_999 as set_verdicts
from billing.edi.acks import read_ta1 as interchange_verdicts
from billing.models import Acknowledgment, ClaimSubmission
from clearinghouse.models import Transmission
from clinic import audit, clock
from clinic.bulk import insert_or_none
from clinic.models import Claim
from clinic.services.events import emit

Status = Claim.Status
Verdict = Acknowledgment.Verdict
MAY_BECOME = {
    Verdict.RECEIVED: (Status.RECEIVED, (Status.SUBMITTED,)),
    Verdict.ACCEPTED: (Status.ACCEPTED, (Status.SUBMITTED, Status.RECEIVED)),
    Verdict.REJECTED: (Status.REJECTED, (Status.SUBMITTED, Status.RECEIVED, Status.ACCEPTED)),
}
OUTCOMES = {
    "received": Verdict.RECEIVED, "split": Verdict.RECEIVED, "accepted": Verdict.ACCEPTED, "rejected": Verdict.REJECTED,
    "not found": Verdict.NOT_FOUND,
}  # fmt: skip
EVENTS = {
    Status.ACCEPTED: "claim.accepted",
    Status.REJECTED: "claim.rejected",
    Status.SYNTAX_REJECTED: "claim.rejected",
}


def apply_ta1(transmission: Transmission) -> int:
    """How many answers were new. A refused interchange never came in: its claims stand as *file refused*."""
    new = 0
    for said in interchange_verdicts(bytes(transmission.payload)):
        sendings = _of_partner(transmission).filter(interchange_number=said.interchange_number.zfill(9))
        new += _apply_to_file(transmission, Acknowledgment.Kind.INTERCHANGE, said, sendings)
    return new


def apply_999(transmission: Transmission) -> int:
    """Set by set: accepted is *received*, refused is *file refused*. What a group says holds for sets it does not list."""
    new = 0
    listed: set[Any] = set()
    for said in set_verdicts(bytes(transmission.payload)):
        if isinstance(said, Broken):
            new += _note_broken(transmission, Acknowledgment.Kind.FILE, said)
            continue
        sendings = _of_partner(transmission).filter(group_number=said.group_number)
        if said.transaction_number:
            sendings = sendings.filter(transaction_number=said.transaction_number.zfill(4))
            listed |= set(sendings.values_list("pk", flat=True))
        else:
            sendings = sendings.exclude(pk__in=listed)
            if listed and not sendings.exists():
                continue
        new += _apply_to_file(transmission, Acknowledgment.Kind.FILE, said, sendings)
    return new


def apply_277ca(transmission: Transmission) -> int:
    """Claim by claim; a rejection of the file or of the provider rejects every claim under it, listed or not."""
    new = 0
    for said in claim_verdicts(bytes(transmission.payload)):
        if isinstance(said, Broken):
            new += _note_broken(transmission, Acknowledgment.Kind.CLAIM, said)
        elif isinstance(said, BatchRejection):
            for sending in _in_batch(said.batch_number):
                new += _apply_batch_rejection(transmission, said, sending)
        else:
            new += _apply_to_claim(transmission, said)
    return new


def _of_partner(transmission: Transmission) -> QuerySet[ClaimSubmission]:
    """Sendings this file may be about. Numbers are a partner's own; a file handed in by a person may be any partner's."""
    rows = ClaimSubmission.objects.select_related("claim")
    return rows.filter(transmission__partner=transmission.partner) if transmission.partner.is_active else rows


def _in_batch(batch_number: str) -> QuerySet[ClaimSubmission]:
    """BHT03 of our file is ISA13 and GS06 together (billing.edi.claim_837p)."""
    return ClaimSubmission.objects.filter(
        interchange_number=batch_number[:9], group_number=batch_number[9:]
    ).select_related("claim")


def _apply_to_file(
    transmission: Transmission, kind: str, said: InterchangeVerdict | SetVerdict, sendings: Iterable[ClaimSubmission]
) -> int:
    refused = said.is_rejected if isinstance(said, InterchangeVerdict) else not said.is_accepted
    is_file = isinstance(said, SetVerdict)
    about = said.group_number if isinstance(said, SetVerdict) else said.interchange_number
    partly = isinstance(said, SetVerdict) and said.code == "P"  # of the group: its sets speak for themselves
    new = 0
    found = False
    for sending in sendings:
        found = True
        verdict = (
            Verdict.NOTED if partly else Verdict.REJECTED if refused else Verdict.RECEIVED if is_file else Verdict.NOTED
        )
        to = Status.SYNTAX_REJECTED if refused and not partly else Status.RECEIVED if is_file and not partly else None
        with transaction.atomic():
            row = _keep(
                transmission, kind, said.position, verdict, sending, sentence=said.sentence, category=said.code,
                level="file", control_number=about,
            )  # fmt: skip
            if row is None:
                continue
            new += 1
            if to is not None and _is_current(sending):
                _move(row, to, (Status.SUBMITTED,))
    if not found:
        row = _keep(
            transmission, kind, said.position, Verdict.UNMATCHED, None, sentence=said.sentence, category=said.code,
            level="file", control_number=about,
        )  # fmt: skip
        new += row is not None
    return new


def _apply_to_claim(transmission: Transmission, said: ClaimVerdict) -> int:
    sending = _sending_of(said)
    verdict = OUTCOMES.get(said.outcome, Verdict.NOTED) if said.moves_claim else Verdict.NOTED
    if sending is None:
        verdict = Verdict.UNMATCHED
    with transaction.atomic():
        row = _keep(
            transmission, Acknowledgment.Kind.CLAIM, said.position, verdict, sending, sentence=said.sentence,
            category=said.category, level=said.level, control_number=said.control_number, reasons=list(said.reasons),
            payer_claim_number=said.payer_claim_number, effective_on=said.on,
        )  # fmt: skip
        if row is None:
            return 0
        if sending is not None and _is_current(sending) and verdict in MAY_BECOME:
            _move(row, *MAY_BECOME[verdict])
    return 1


@transaction.atomic
def _apply_batch_rejection(transmission: Transmission, said: BatchRejection, sending: ClaimSubmission) -> int:
    row = _keep(
        transmission, Acknowledgment.Kind.CLAIM, said.position, Verdict.REJECTED, sending, sentence=said.sentence,
        category=said.category, level=said.level, control_number=sending.claim.control_number, effective_on=said.on,
    )  # fmt: skip
    if row is None:
        return 0
    if _is_current(sending):
        _move(row, *MAY_BECOME[Verdict.REJECTED])
    return 1


def _sending_of(said: ClaimVerdict) -> ClaimSubmission | None:
    """By the batch it answers when it names one of ours, else the claim's newest sending."""
    rows = ClaimSubmission.objects.filter(claim__control_number=said.control_number).select_related("claim")
    named = rows.filter(Q(interchange_number=said.batch_number[:9]) & Q(group_number=said.batch_number[9:]))
    return named.first() or rows.order_by("-created_at", "-attempt").first()


def _is_current(sending: ClaimSubmission) -> bool:
    return not ClaimSubmission.objects.filter(claim=sending.claim, attempt__gt=sending.attempt).exists()


def _keep(
    transmission: Transmission, kind: str, position: int, verdict: str, sending: ClaimSubmission | None, **said: Any
) -> Acknowledgment | None:
    """The answer's row; None when this file was applied before."""
    about = sending.pk if sending else said.get("control_number", "")
    said["sentence"] = said["sentence"][:500]
    return insert_or_none(
        Acknowledgment(
            key=f"{transmission.pk}:{position}:{about}"[:150],
            transmission=transmission,
            position=position,
            kind=kind,
            verdict=verdict,
            submission=sending,
            claim=sending.claim if sending else None,
            **said,
        )
    )


def _note_broken(transmission: Transmission, kind: str, said: Broken) -> int:
    row = _keep(transmission, kind, said.position, Verdict.NOTED, None, sentence=f"Not readable: {said.sentence}")
    return int(row is not None)


def _move(row: Acknowledgment, to: str, coming_from: tuple[str, ...]) -> None:
    """Compare and set under the claim's lock. An acceptance keeps the payer's number: proof of timely filing."""
    claim = Claim.objects.select_for_update(of=("self",)).select_related("patient").get(acknowledgments=row)
    also: dict[str, Any] = {}
    if row.payer_claim_number and row.verdict == Verdict.ACCEPTED:
        also["payer_claim_number"] = row.payer_claim_number
    if to == Status.ACCEPTED:
        also["accepted_at"] = clock.now()
    if claim.status not in coming_from:
        if also.get("payer_claim_number") and claim.status == Status.ACCEPTED:
            Claim.objects.filter(pk=claim.pk, payer_claim_number="").update(
                payer_claim_number=row.payer_claim_number, updated_at=clock.now()
            )
        return
    claim.move_to(to, by=None, reason=row.sentence[:300], **also)
    if to in EVENTS:
        audit.record(act=EVENTS[Status(to)], patient=claim.patient, row=claim, why=row.sentence[:200])
        emit(kind=EVENTS[Status(to)], record=claim, patient=claim.patient, payload={"category": row.category})
