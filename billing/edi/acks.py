"""TA1, 999 and 277CA to verdicts on what we sent: neutral rows for billing.services.acknowledgments.

A fault inside one acknowledgment does not hide its neighbours: it comes as a Broken with its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from x12.ack_277ca import ClaimAcknowledgment, ClaimStatus, Level, read_each_claim_acknowledgment
from x12.ack_277ca.effective import effective_status
from x12.ack_999 import SET_FAULTS, Acknowledgment, SetAcknowledgment, Verdict, read_each_acknowledgment
from x12.envelope import read_interchange_acknowledgments
from x12.errors import X12Error


@dataclass(frozen=True, slots=True)
class Broken:
    """A part that could not be read. It moves no claim."""

    position: int
    sentence: str


@dataclass(frozen=True, slots=True)
class InterchangeVerdict:
    """TA1 on ISA13."""

    position: int
    interchange_number: str
    code: str
    is_rejected: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """What a 999 says of one ST of ours; `transaction_number` empty: of the whole group. `claims` names claims at fault."""

    position: int
    group_number: str
    transaction_number: str
    code: str
    is_accepted: bool
    sentence: str = ""
    claims: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """What a 277CA says of one claim (CLM01), the highest rejection above it already counted.

    `outcome` is a word of x12.codes.claim_status.Outcome, "" for a category that nobody knows. `moves_claim` is off
    where the answer breaks the guide (F, P, R, E categories): a person is told, the claim stays.
    """

    position: int
    control_number: str
    outcome: str
    category: str
    moves_claim: bool
    level: str
    sentence: str
    batch_number: str = ""
    payer_claim_number: str = ""
    on: date | None = None
    reasons: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class BatchRejection:
    """A rejection of the whole file, or of the billing provider: of every claim in it, listed or not."""

    position: int
    batch_number: str
    level: str
    category: str
    sentence: str
    on: date | None = None


def read_ta1(payload: bytes) -> list[InterchangeVerdict]:
    return [
        InterchangeVerdict(
            position=each.position, interchange_number=each.control_number, code=each.code, is_rejected=each.is_rejected,
            sentence=f"The interchange was refused (TA1 {each.code}, note {each.note or 'none'})." if each.is_rejected else "",
        )
        for each in read_interchange_acknowledgments(payload)
    ]  # fmt: skip


def read_999(payload: bytes) -> Iterator[SetVerdict | Broken]:
    """A verdict for each set it lists, and one for the group as a whole, which the sets it does not list share."""
    for each in read_each_acknowledgment(payload):
        if isinstance(each, X12Error):
            yield Broken(each.segment, each.sentence)
            continue
        if each.group_kind != "HC":
            continue
        for one in each.sets:
            yield _set(each, one)
        yield SetVerdict(
            position=each.position, group_number=_number(each.group_number), transaction_number="",
            code=each.verdict.value, is_accepted=each.verdict.is_accepted,
            sentence="" if each.verdict.is_accepted else f"The file was refused (999 {each.verdict.value}).",
        )  # fmt: skip


def read_277ca(payload: bytes) -> Iterator[ClaimVerdict | BatchRejection | Broken]:
    """A verdict for each claim listed, then the rejections that also hit claims which are not."""
    for each in read_each_claim_acknowledgment(payload):
        if isinstance(each, X12Error):
            yield Broken(each.segment, each.sentence)
            continue
        for status in each.claim_statuses():
            yield _claim(each, status)
        yield from _batch(each)


def _claim(ack: ClaimAcknowledgment, status: ClaimStatus) -> ClaimVerdict:
    said = status.effective
    return ClaimVerdict(
        position=status.claim.position, control_number=status.control_number,
        outcome=said.outcome.value if said.outcome else "", category=said.category, moves_claim=said.moves_claim,
        level=said.level.value, sentence=said.sentence, batch_number=ack.batch_number,
        payer_claim_number=status.claim.payer_claim_number, on=said.on or ack.received_on,
        reasons=tuple(
            {"category": r.category, "code": r.code, "entity": r.entity, "sentence": r.sentence} for r in said.reasons
        ),
    )  # fmt: skip


def _batch(ack: ClaimAcknowledgment) -> Iterator[BatchRejection]:
    if ack.rejects_batch:
        said = effective_status([(Level.RECEIVER, ack.statuses)])
        yield BatchRejection(ack.position, ack.batch_number, said.level.value, said.category, said.sentence, said.on)
    for provider in ack.rejected_providers():
        said = effective_status([(Level.PROVIDER, provider.statuses)])
        yield BatchRejection(
            provider.position, ack.batch_number, said.level.value, said.category, said.sentence, said.on
        )


def _set(group: Acknowledgment, one: SetAcknowledgment) -> SetVerdict:
    said = [sentence for fault in one.faults for sentence in fault.sentences()]
    said += [SET_FAULTS.get(code, f"error {code}") for code in one.errors]
    what = "was refused" if one.verdict is not Verdict.ACCEPTED_WITH_ERRORS else "has errors, and was taken"
    return SetVerdict(
        position=one.position, group_number=_number(group.group_number), transaction_number=_number(one.control_number),
        code=one.verdict.value, is_accepted=one.verdict.is_accepted,
        sentence=f"The file {what}: {'; '.join(dict.fromkeys(said))}." if said else "",
        claims=tuple(dict.fromkeys(fault.claim_number for fault in one.faults if fault.claim_number)),
    )  # fmt: skip


def _number(text: str) -> str:
    """Control numbers are compared without leading zeros: some translators drop them."""
    return text.strip().lstrip("0") or "0"
