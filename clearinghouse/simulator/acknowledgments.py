"""What the front end answers: 999 for the file, 277CA for its claims."""

from collections.abc import Sequence
from datetime import date, datetime

from clearinghouse.simulator.book import Book
from clearinghouse.simulator.screening import Screened
from clearinghouse.simulator.traders import Trader
from clearinghouse.simulator.world import ZERO, SimulatedPayer
from clinic import clock
from x12 import Party, ack_277ca, ack_999
from x12.ack_277ca import (
    AcknowledgedClaim,
    AcknowledgedProvider,
    ClaimAcknowledgment,
    Status,
    StatusInformation,
    totals_of,
)
from x12.adjudication import Reference
from x12.claim_837p import BillingProvider, ClaimBatch, read_batch

ACCEPTED, REJECTED = "WQ", "U"  # STC03
RECEIVED, FOR_PROCESSING = Status("A1", "19", "PR"), Status("A2", "20", "PR")


def acknowledge(book: Book, trader: Trader, payload: bytes, *, due_at: datetime) -> None:
    """One 999 for each group: accepted, or rejected with the segment at fault, and then nothing in it goes further."""
    for _, acknowledgment in ack_999.acknowledge_file(payload, read_batch):
        transaction = ack_999.write_acknowledgment(acknowledgment, control_number="0001")
        trader.put_out(book, [transaction], kind=ack_999.GROUP_KIND, version=ack_999.VERSION, stem="999", due_at=due_at)


def acknowledge_claims(
    book: Book, trader: Trader, payer: SimulatedPayer | None, batch: ClaimBatch, screened: Sequence[Screened], *,
    received_on: date, due_at: datetime,
) -> None:  # fmt: skip
    """One 277CA of one payer about its claims in one batch. Without a payer the clearinghouse speaks itself."""
    source = (
        Party("PR", False, payer.name, identifier_qualifier="PI", identifier=payer.payer_id)
        if payer
        else Party("AY", False, batch.receiver.name, identifier_qualifier="46", identifier=batch.receiver.identifier)
    )
    claims = [_claim(each, received_on) for each in screened]
    total = sum((each.claim.charge for each in screened), ZERO)
    acknowledgment = ClaimAcknowledgment(
        source=source,
        receiver=Party(
            "41", batch.submitter.is_person, batch.submitter.last_name, batch.submitter.first_name,
            identifier_qualifier="46", identifier=batch.submitter.identifier,
        ),
        reference_number=f"CA{book.files.next_number('277CA'):08d}",
        created_at=clock.local(due_at).replace(tzinfo=None),
        received_on=received_on,
        processed_on=clock.local(due_at).date(),
        batch_number=batch.reference,
        statuses=(StatusInformation((RECEIVED,), on=received_on, action=ACCEPTED, amount=total),),
        totals=totals_of(claims),
        providers=_providers(screened, claims),
    )  # fmt: skip
    transaction = ack_277ca.write_claim_acknowledgment(acknowledgment, control_number="0001")
    trader.put_out(
        book, [transaction], kind=ack_277ca.GROUP_KIND, version=ack_277ca.VERSION, stem=f"277CA-{source.identifier}",
        due_at=due_at,
    )  # fmt: skip


def _providers(screened: Sequence[Screened], claims: Sequence[AcknowledgedClaim]) -> tuple[AcknowledgedProvider, ...]:
    groups: dict[BillingProvider, list[AcknowledgedClaim]] = {}
    for each, claim in zip(screened, claims, strict=True):
        groups.setdefault(each.claim.billing_provider, []).append(claim)
    return tuple(
        AcknowledgedProvider(
            party=Party(
                "85", provider.is_person, provider.last_name, provider.first_name, identifier_qualifier="XX",
                identifier=provider.npi,
            ),
            claims=tuple(listed),
        )
        for provider, listed in groups.items()
    )  # fmt: skip


def _claim(screened: Screened, received_on: date) -> AcknowledgedClaim:
    claim, rejection = screened.claim, screened.rejection
    person = claim.patient or claim.subscriber
    status = FOR_PROCESSING if rejection is None else Status(rejection.category, rejection.status, rejection.entity)
    number = screened.payer_claim_number
    return AcknowledgedClaim(
        patient=Party(
            "QC", True, person.last_name, person.first_name, person.middle_name, identifier_qualifier="MI",
            identifier=claim.subscriber.member_id,
        ),
        control_number=claim.patient_control_number,
        statuses=(
            StatusInformation(
                (status,), on=received_on, action=ACCEPTED if rejection is None else REJECTED, amount=claim.charge
            ),
        ),
        references=(Reference("1K", number),) if number else (),
        first_day=min(line.first_day for line in claim.lines),
        last_day=max(line.last_day for line in claim.lines),
    )  # fmt: skip
