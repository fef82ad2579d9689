"""Claims arrive: the file is acknowledged (999), each claim screened (277CA), the good ones registered."""

from datetime import date, datetime, timedelta

from clearinghouse.simulator import acknowledgments, traders
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.files import ReceivedFile
from clearinghouse.simulator.members import identify_patient
from clearinghouse.simulator.payer import next_claim_number, pay_day
from clearinghouse.simulator.register_rows import RegisteredLine
from clearinghouse.simulator.screening import PAYER, RETURNED, Arrival, Rejection, Screened, screen
from clearinghouse.simulator.traders import Trader
from clearinghouse.simulator.world import SimulatedPayer
from clinic import clock
from x12 import EnvelopeReader, X12Error
from x12.claim_837p import Claim, ClaimBatch, read_each_batch

ACKNOWLEDGED_AFTER = timedelta(minutes=10)  # 999 and claims for payers that nobody knows: the clearinghouse itself
SCREENED_AFTER = timedelta(minutes=40)


def take_in(book: Book, file: ReceivedFile) -> None:
    """Work a file that arrived for the first time. Inside the caller's change: received and worked are one."""
    trader = _trader_of(file.payload)
    if trader is None:
        return  # no readable envelope, so nobody to answer; the sender's "no answer" list finds it
    traders.remember(book, trader)
    results = list(read_each_batch(file.payload))
    due_at = file.received_at + ACKNOWLEDGED_AFTER
    acknowledgments.acknowledge(book, trader, file.payload, due_at=due_at)
    today = clock.local(file.received_at).date()
    batches = [result for result in results if isinstance(result, ClaimBatch)]
    answers: dict[tuple[int, str], list[Screened]] = {}
    place = 0
    for index, batch in enumerate(batches):
        for claim in batch.claims:
            screened = _screen(book, trader, file, claim, place, today)
            place += 1
            if screened is not None:
                answers.setdefault((index, claim.payer.identifier), []).append(screened)
    for (index, payer_id), screened_claims in answers.items():
        payer = book.payer(payer_id)
        acknowledgments.acknowledge_claims(
            book, trader, payer, batches[index], screened_claims, received_on=today,
            due_at=_screened_at(file.received_at, payer),
        )  # fmt: skip


def _screen(book: Book, trader: Trader, file: ReceivedFile, claim: Claim, place: int, today: date) -> Screened | None:
    """None: the payer has lost the claim, and nobody will ever hear of it."""
    payer = book.payer(claim.payer.identifier)
    if payer is None:
        rejection = Rejection(category=RETURNED, status="116", entity=PAYER)
        return Screened(claim=claim, rejection=rejection)
    member = identify_patient(book, claim).member
    if member is not None and member.claims_to_lose > 0:
        book.change_member(member, claims_to_lose=member.claims_to_lose - 1)
        return None
    original = book.claims.by_payer_number(payer.payer_id, claim.payer_claim_number) if claim.frequency != "1" else None
    rejected = screen(Arrival(book=book, payer=payer, claim=claim, today=today, original=original))
    if rejected is not None:
        return Screened(claim=claim, rejection=rejected)
    number = next_claim_number(book, today)
    book.claims.accept(
        payer_id=payer.payer_id, payer_claim_number=number, trader=trader.sender,
        payee_npi=claim.billing_provider.npi, file_id=file.id, place=place,
        control_number=claim.patient_control_number, frequency=claim.frequency,
        replaces=original.id if original else None, member=member.id if member else None, received_on=today,
        pay_on=pay_day(payer.habits, today), forwarded_from=None, lines=_lines(claim),
    )  # fmt: skip
    return Screened(claim=claim, payer_claim_number=number)


def _lines(claim: Claim) -> list[RegisteredLine]:
    return [
        RegisteredLine(
            number=number, service_on=line.first_day, code=line.procedure.code, modifiers=line.procedure.modifiers,
            units=int(line.units), authorization=line.prior_authorization or claim.prior_authorization,
        )
        for number, line in enumerate(claim.lines, start=1)
    ]  # fmt: skip


def _screened_at(received_at: datetime, payer: SimulatedPayer | None) -> datetime:
    days = payer.habits.acknowledgment_days if payer else 0
    return received_at + SCREENED_AFTER + timedelta(days=days)


def _trader_of(payload: bytes) -> Trader | None:
    try:
        transaction = next(EnvelopeReader(payload))
    except (StopIteration, X12Error):
        return None
    return Trader.of(transaction.interchange, transaction.group)
