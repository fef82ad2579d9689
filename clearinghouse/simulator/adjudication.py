"""A claim before the payer's desk: refused or paid, line by line, and told as an 835 tells it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from clearinghouse.simulator.benefits import LineDecision, YearToDate, allowed_for, pay_after, pay_first
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.case import PRIMARY, SECONDARY, Case, PriorAnswer, prior_from_claim, prior_from_payments
from clearinghouse.simulator.members import identify_patient
from clearinghouse.simulator.refusals import Refusal, claim_refusal, line_refusal
from clearinghouse.simulator.register_rows import RegisteredClaim, RegisteredLine
from clearinghouse.simulator.world import ZERO, SimulatedPayer
from clinic.money import to_cents
from x12 import Party
from x12.claim_837p import Claim, ServiceLine
from x12.remittance_835 import Adjustment, Amount, ClaimPayment, EventDate, Reference, ServicePayment

STATUS = {PRIMARY: "1", SECONDARY: "2", "T": "3"}  # CLP02
FORWARDED_STATUS = {"1": "19", "2": "20", "3": "21"}
FILING_ON_835 = frozenset(
    ["12", "13", "14", "15", "16", "17", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ"]
)  # CLP06
NOT_IDENTIFIED = "4"
REVERSAL = "22"
DAYS_IN_YEAR = 365


def make_case(book: Book, payer: SimulatedPayer, registered: RegisteredClaim, claim: Claim, *, today: date) -> Case:
    prior: tuple[PriorAnswer, ...] | None
    if registered.forwarded_from is not None:
        member = book.member(registered.member) if registered.member else None
        mismatch, sequence = False, SECONDARY
        prior = prior_from_payments(book.claims.claim(registered.forwarded_from))
    else:
        identity = identify_patient(book, claim)
        member, mismatch, sequence = identity.member, identity.id_known, claim.subscriber.payer_sequence
        prior = prior_from_claim(claim)
    return Case(
        book=book, payer=payer, registered=registered, claim=claim, member=member, mismatch=mismatch,
        plan=book.plan(member) if member else None, today=today, sequence=sequence, prior=prior,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The claim decided; `bill_instead` names the payer that must be asked first."""

    lines: tuple[LineDecision, ...]
    bill_instead: Party | None = None


def decide(case: Case) -> Decision:
    refusal = claim_refusal(case)
    if refusal is not None:
        denied = tuple(_denied(case, line, refusal) for line in case.claim.lines)
        return Decision(lines=denied, bill_instead=refusal.bill_instead)
    year = _year_to_date(case)
    return Decision(lines=tuple(_decide_line(case, line, index, year) for index, line in enumerate(case.claim.lines)))


def register_lines(decisions: Sequence[LineDecision]) -> list[RegisteredLine]:
    return [
        RegisteredLine(
            number=number, service_on=each.line.first_day, code=each.line.procedure.code,
            modifiers=each.line.procedure.modifiers, units=int(each.line.units), is_denied=each.is_denied,
            deductible=each.deductible, share=each.share, authorization=each.authorization,
        )
        for number, each in enumerate(decisions, start=1)
    ]  # fmt: skip


def payments_for(case: Case, decision: Decision) -> list[ClaimPayment]:
    """One CLP, or one for each line where that is the payer's habit (X12 RFI 137: same CLP01 and CLP07)."""
    if case.payer.habits.one_payment_a_line:
        return [_payment(case, [line], decision.bill_instead) for line in decision.lines]
    return [_payment(case, decision.lines, decision.bill_instead)]


def reversal_of(payment: ClaimPayment) -> ClaimPayment:
    """22: every amount negated, groups and reasons as they were."""
    lines = tuple(
        replace(
            line, charge=-line.charge, paid=-line.paid, adjustments=_negated(line.adjustments),
            amounts=tuple(Amount(each.qualifier, -each.amount) for each in line.amounts),
        )
        for line in payment.lines
    )  # fmt: skip
    share = payment.patient_responsibility
    return replace(
        payment, status=REVERSAL, charge=-payment.charge, paid=-payment.paid,
        patient_responsibility=None if share is None else -share, adjustments=_negated(payment.adjustments),
        amounts=(), crossover_carrier=None, lines=lines,
    )  # fmt: skip


def _decide_line(case: Case, line: ServiceLine, index: int, year: YearToDate) -> LineDecision:
    refusal = line_refusal(case, line)
    if refusal is not None:
        return _denied(case, line, refusal)
    if case.prior is not None and not case.is_primary:
        return pay_after(case, line, case.prior[index])
    decision = pay_first(case, line, year)
    return replace(decision, authorization=line.prior_authorization or case.claim.prior_authorization)


def _denied(case: Case, line: ServiceLine, refusal: Refusal) -> LineDecision:
    denied = line.charge
    contractual: list[Adjustment] = []
    if case.payer.habits.splits_denials:
        denied = allowed_for(case, line)
        contractual = [Adjustment("CO", "45", line.charge - denied)] if denied < line.charge else []
    return LineDecision(
        line=line, paid=ZERO, allowed=None, is_denied=True, remarks=refusal.remarks,
        adjustments=(Adjustment(refusal.group, refusal.reason, denied), *contractual),
    )  # fmt: skip


def _year_to_date(case: Case) -> YearToDate:
    if case.member is None:
        return YearToDate(ZERO, ZERO)
    year = case.claim.lines[0].first_day.year
    return YearToDate(*case.book.claims.met(case.member.id, year, except_claim=case.registered.id))


def _payment(case: Case, decisions: Sequence[LineDecision], bill_instead: Party | None) -> ClaimPayment:
    claim = case.claim
    status = STATUS.get(case.sequence, "1")
    if case.member is None:
        status = NOT_IDENTIFIED
    paid = sum((each.paid for each in decisions), ZERO)
    crossover = _crossover_carrier(case, decisions)
    interest = interest_for(case, paid)
    return ClaimPayment(
        patient_control_number=claim.patient_control_number,
        status=FORWARDED_STATUS[status] if crossover else status,
        charge=sum((each.line.charge for each in decisions), ZERO),
        paid=paid,
        patient_responsibility=_patient_share(decisions),
        filing_indicator=case.payer.filing_indicator if case.payer.filing_indicator in FILING_ON_835 else "ZZ",
        payer_claim_number=case.registered.payer_claim_number,
        facility_code=claim.place_of_service,
        frequency=claim.frequency,
        patient=_patient(claim),
        rendering_provider=_rendering(claim),
        crossover_carrier=crossover,
        corrected_payer=bill_instead,
        remark_codes=("MA18",) if crossover else (),
        dates=(EventDate("050", case.registered.received_on),),
        amounts=(Amount("I", interest),) if interest else (),
        lines=tuple(_service(each) for each in decisions),
    )


def interest_for(case: Case, paid: Decimal) -> Decimal:
    """Prompt-pay interest: simple, for the days after the limit."""
    limit = case.payer.habits.interest_after_days
    late = (case.today - case.registered.received_on).days - limit if limit is not None else 0
    if late <= 0 or paid <= 0:
        return ZERO
    return to_cents(paid * case.payer.habits.interest_rate * late / DAYS_IN_YEAR)


def _service(decision: LineDecision) -> ServicePayment:
    line = decision.line
    return ServicePayment(
        procedure=line.procedure,
        charge=line.charge,
        paid=decision.paid,
        units=line.units,
        first_day=line.first_day,
        last_day=line.last_day,
        adjustments=decision.adjustments,
        references=(Reference("6R", line.control_number),) if line.control_number else (),
        amounts=(Amount("B6", decision.allowed),) if decision.allowed is not None else (),
        remark_codes=decision.remarks,
    )


def _patient_share(decisions: Sequence[LineDecision]) -> Decimal:
    return sum((a.amount for each in decisions for a in each.adjustments if a.group == "PR"), ZERO)


def _crossover_carrier(case: Case, decisions: Sequence[LineDecision]) -> Party | None:
    """Medicare sends what it has paid on to the supplement it knows; what it denied stays with the clinic."""
    member = case.member
    if member is None or not member.forwards_to or not case.is_primary or all(each.is_denied for each in decisions):
        return None
    carrier = case.book.payer(member.forwards_to)
    if carrier is None:
        return None
    return Party(
        role="TT", is_person=False, last_name=carrier.name, identifier_qualifier="PI", identifier=carrier.payer_id
    )


def _patient(claim: Claim) -> Party:
    person = claim.patient or claim.subscriber
    return Party(
        role="QC", is_person=True, last_name=person.last_name, first_name=person.first_name,
        middle_name=person.middle_name, identifier_qualifier="MI", identifier=claim.subscriber.member_id,
    )  # fmt: skip


def _rendering(claim: Claim) -> Party | None:
    provider = claim.rendering_provider
    if provider is None or not provider.npi:
        return None
    return Party(
        role="82", is_person=provider.is_person, last_name=provider.last_name, first_name=provider.first_name,
        identifier_qualifier="XX", identifier=provider.npi,
    )  # fmt: skip


def _negated(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
    return tuple(replace(each, amount=-each.amount) for each in adjustments)
