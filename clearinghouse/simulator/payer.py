"""The payers' working day: whatever is due by now is decided and paid, in the order of its days.

Called whenever somebody looks into the mailbox; a day already worked leaves nothing to do, so it may be called
again at any time.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from clearinghouse.simulator import traders
from clearinghouse.simulator.adjudication import decide, make_case, payments_for, register_lines, reversal_of
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.checks import OVERPAYMENT, Check, write_check
from clearinghouse.simulator.register_rows import RegisteredClaim, Standing
from clearinghouse.simulator.world import ZERO, Habits, Member, SimulatedPayer
from clinic import clock
from x12.claim_837p import Claim, ClaimBatch, read_each_batch
from x12.remittance_835 import ClaimPayment

CHECK_TIME = time(6, 0)  # 835s lie in the mailbox when the office opens


def run_due(book: Book, *, today: date) -> None:
    """Work every day until today on which something is due: claims first, then cover that turned out to have ended."""
    with book.change():
        while (day := _next_day(book, today)) is not None:
            checks = _Checks(book, day)
            while due := book.claims.due(day):
                for registered in due:
                    _work(book, checks, registered)
            for member in _to_reopen(book, day):
                _reopen(book, checks, member)
            checks.write()


def _next_day(book: Book, today: date) -> date | None:
    days = [claim.pay_on for claim in book.claims.due(today)[:1]]
    days += [day for member in book.members_to_reopen(today) if (day := _reopen_day(book, member)) <= today]
    return min(days, default=None)


def _to_reopen(book: Book, day: date) -> list[Member]:
    return [member for member in book.members_to_reopen(day) if _reopen_day(book, member) <= day]


def _reopen_day(book: Book, member: Member) -> date:
    """The payment day on which the payer acts on what it has learnt."""
    payer = book.payer(member.payer_id)
    if payer is None or member.ended_known_on is None:
        raise LookupError(f"the simulator's book has no payer {member.payer_id}")
    return next_payment_day(payer.habits, member.ended_known_on)


def pay_day(habits: Habits, received_on: date) -> date:
    """The first payment day of that payer after its lag."""
    return next_payment_day(habits, received_on + timedelta(days=habits.payment_days))


def next_payment_day(habits: Habits, day: date) -> date:
    while day.weekday() not in habits.payment_weekdays or not clock.is_business_day(day):
        day += timedelta(days=1)
    return day


class _Checks:
    """The checks of one day being filled, one for each payer and practice."""

    def __init__(self, book: Book, day: date) -> None:
        self.day = day
        self._book = book
        self._open: dict[tuple[str, str, str], Check] = {}

    def of(self, payer: SimulatedPayer, registered: RegisteredClaim, claim: Claim) -> Check:
        key = (payer.payer_id, registered.trader, registered.payee_npi)
        if key not in self._open:
            self._open[key] = Check(
                payer=payer, trader=registered.trader, payee=claim.billing_provider, paid_on=self.day
            )
        return self._open[key]

    def write(self) -> None:
        due_at: datetime = clock.at_local(self.day, CHECK_TIME)
        for key in sorted(self._open):
            check = self._open[key]
            if check.payments:
                write_check(self._book, check, traders.known(self._book, check.trader), due_at=due_at)


def _work(book: Book, checks: _Checks, registered: RegisteredClaim) -> None:
    payer = _payer_of(book, registered)
    claim = claim_of(book, registered)
    check = checks.of(payer, registered, claim)
    original = book.claims.claim(registered.replaces) if registered.replaces is not None else None
    if original is not None and registered.frequency == "8":
        check.payments += [reversal_of(payment) for payment in original.payments]
        book.claims.set_standing(original.id, Standing.VOIDED)
        book.claims.set_standing(registered.id, Standing.VOIDED)
        return
    if original is not None:
        replaced = _replace(book, payer, original, claim)
        if payer.habits.reversal == "reverse_and_correct":
            check.payments += [reversal_of(payment) for payment in replaced]
    _decide(book, checks, payer, registered, claim)


def _replace(book: Book, payer: SimulatedPayer, original: RegisteredClaim, claim: Claim) -> Sequence[ClaimPayment]:
    """What a replacement undoes: the whole original, or at a line-by-line payer the one line that it names."""
    number = claim.lines[0].control_number
    named = [each for each in original.payments if [line.control_number for line in each.lines] == [number]]
    if payer.habits.replacement != "line_by_line" or not named or len(original.payments) == 1:
        book.claims.set_standing(original.id, Standing.REPLACED)
        return original.payments
    numbers = [line.control_number for line in claim_of(book, original).lines]
    book.claims.drop_line(original.id, numbers.index(number) + 1)
    book.claims.keep_payments(original.id, [each for each in original.payments if each not in named])
    return named


def _decide(book: Book, checks: _Checks, payer: SimulatedPayer, registered: RegisteredClaim, claim: Claim) -> None:
    day = checks.day
    case = make_case(book, payer, registered, claim, today=day)
    decision = decide(case)
    payments = payments_for(case, decision)
    book.claims.keep_lines(registered.id, case.member.id if case.member else None, register_lines(decision.lines))
    book.claims.decide(registered, payments, on=day)
    checks.of(payer, registered, claim).payments += payments
    if any(payment.crossover_carrier for payment in payments) and case.member:
        _forward(book, registered, case.member, day)


def _forward(book: Book, registered: RegisteredClaim, member: Member, day: date) -> None:
    """Crossover: the supplement gets the claim with the first payer's answer; the practice sends nothing."""
    supplement = book.payer(member.forwards_to)
    if supplement is None:
        raise LookupError(f"the simulator's book has no payer {member.forwards_to}")
    theirs = book.members_with_id(supplement.payer_id, member.forwards_member_id)
    book.claims.accept(
        payer_id=supplement.payer_id, payer_claim_number=next_claim_number(book, day), trader=registered.trader,
        payee_npi=registered.payee_npi, file_id=registered.file_id, place=registered.place,
        control_number=registered.control_number, frequency="1", replaces=None,
        member=theirs[0].id if theirs else None, received_on=day, pay_on=pay_day(supplement.habits, day),
        forwarded_from=registered.id, lines=book.claims.lines(registered.id),
    )  # fmt: skip


def _reopen(book: Book, checks: _Checks, member: Member) -> None:
    """Cover had ended when it was thought to hold: what was paid for later days is taken back."""
    payer = book.payer(member.payer_id)
    for registered in book.claims.decided_for(member.id):
        claim = claim_of(book, registered)
        first_day = min(line.first_day for line in claim.lines)
        if payer and member.ends_on and first_day > member.ends_on and registered.paid > ZERO:
            _take_back(book, checks, payer, registered, claim)
    book.note_reopened(member)


def _take_back(book: Book, checks: _Checks, payer: SimulatedPayer, registered: RegisteredClaim, claim: Claim) -> None:
    day = checks.day
    reference = registered.payer_claim_number
    book.claims.set_standing(registered.id, Standing.TAKEN_BACK)
    if payer.habits.takeback == "unexplained":  # no 22 ever: the next check is simply smaller
        book.claims.owe(
            payer_id=payer.payer_id, trader=registered.trader, payee_npi=registered.payee_npi, reference=reference,
            amount=registered.paid, on=day - timedelta(days=1), kind=OVERPAYMENT,
        )  # fmt: skip
        return
    check = checks.of(payer, registered, claim)
    check.payments += [reversal_of(payment) for payment in registered.payments]
    if payer.habits.takeback == "announced":
        check.announced.append((reference, registered.paid))
    corrected = book.claims.accept(
        payer_id=payer.payer_id, payer_claim_number=next_claim_number(book, day), trader=registered.trader,
        payee_npi=registered.payee_npi, file_id=registered.file_id, place=registered.place,
        control_number=registered.control_number, frequency=registered.frequency, replaces=registered.id,
        member=registered.member, received_on=registered.received_on, pay_on=day,
        forwarded_from=registered.forwarded_from, lines=book.claims.lines(registered.id),
    )  # fmt: skip
    _decide(book, checks, payer, corrected, claim)


def next_claim_number(book: Book, day: date) -> str:
    """The payer's claim control number: year, day of the year, running number."""
    return f"{day:%y%j}{book.files.next_number('claim'):08d}"


def claim_of(book: Book, registered: RegisteredClaim) -> Claim:
    return claims_of_file(book.files.payload(registered.file_id))[registered.place]


@lru_cache(maxsize=32)
def claims_of_file(payload: bytes) -> tuple[Claim, ...]:
    """Every claim of a file in order; those of a transaction set that was refused are not among them."""
    batches = [batch for batch in read_each_batch(payload) if isinstance(batch, ClaimBatch)]
    return tuple(_claims(batches))


def _claims(batches: list[ClaimBatch]) -> Iterator[Claim]:
    for batch in batches:
        yield from batch.claims


def _payer_of(book: Book, registered: RegisteredClaim) -> SimulatedPayer:
    payer = book.payer(registered.payer_id)
    if payer is None:
        raise LookupError(f"the simulator's book has no payer {registered.payer_id}")
    return payer
