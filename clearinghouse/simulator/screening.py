"""The payer's front end: what is sent back before anybody decides on it (277CA), and what is let through."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from clearinghouse.simulator.book import Book
from clearinghouse.simulator.members import identify_patient
from clearinghouse.simulator.register_rows import RegisteredClaim, Standing
from clearinghouse.simulator.world import RuleKind, SimulatedPayer
from x12.claim_837p import Claim, claim_faults

RETURNED, MISSING, INVALID = "A3", "A6", "A7"  # 277CA categories
SUBSCRIBER, RENDERING, REFERRING, PAYER, BILLING = "IL", "82", "DN", "PR", "85"


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """STC01: category, claim status code, and whose data is wrong."""

    category: str
    status: str
    entity: str = ""


@dataclass(frozen=True, kw_only=True)
class Screened:
    """One claim's way through the front end: a rejection, or the payer's number for it."""

    claim: Claim
    rejection: Rejection | None = None
    payer_claim_number: str = ""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One claim at the front end. `original` is what a 7 or 8 names in REF*F8."""

    book: Book
    payer: SimulatedPayer
    claim: Claim
    today: date
    original: RegisteredClaim | None


def screen(arrival: Arrival) -> Rejection | None:
    """The first reason to send the claim back; None lets it into adjudication."""
    for rule in RULES:
        rejection = rule(arrival)
        if rejection is not None:
            return rejection
    return None


def _broken(arrival: Arrival) -> Rejection | None:
    for fault in claim_faults(arrival.claim):
        status = {"npi": "562", "diagnosis": "255"}.get(fault.rule, "21")
        return Rejection(category=INVALID, status=status)
    return None


def _in_the_future(arrival: Arrival) -> Rejection | None:
    if max(line.last_day for line in arrival.claim.lines) > arrival.today:
        return Rejection(category=INVALID, status="187")
    return None


def _frequency(arrival: Arrival) -> Rejection | None:
    frequency, habit = arrival.claim.frequency, arrival.payer.habits.replacement
    if frequency == "1":
        return None
    if habit not in ("frequency_7", "line_by_line"):
        return Rejection(category=INVALID, status="535")
    if habit == "line_by_line" and frequency == "7" and len(arrival.claim.lines) > 1:
        return Rejection(category=INVALID, status="535")
    original = arrival.original
    if original is None or original.control_number != arrival.claim.patient_control_number:
        return Rejection(category=INVALID, status="464", entity=PAYER)
    if original.status != Standing.DECIDED:
        return Rejection(category=RETURNED, status="464", entity=PAYER)
    return None


def _unknown_member(arrival: Arrival) -> Rejection | None:
    if arrival.payer.habits.unknown_member != "reject":
        return None
    identity = identify_patient(arrival.book, arrival.claim)
    if identity.member is not None:
        return None
    if identity.id_known:
        return Rejection(category=INVALID, status="125", entity=SUBSCRIBER)
    return Rejection(category=INVALID, status="33", entity=SUBSCRIBER)


def _element_missing(arrival: Arrival) -> Rejection | None:
    payer, claim = arrival.payer, arrival.claim
    if payer.habits.missing_element != "reject":
        return None

    def asked(kind: RuleKind, code: str) -> bool:
        return bool(arrival.book.rules(payer.payer_id, kind, code))

    if (
        asked(RuleKind.RENDERING_NPI, "*")
        and not claim.billing_provider.is_person
        and not (claim.rendering_provider and claim.rendering_provider.npi)
        and any(line.rendering_provider is None or not line.rendering_provider.npi for line in claim.lines)
    ):
        return Rejection(category=MISSING, status="562", entity=RENDERING)
    for line in claim.lines:
        code = line.procedure.code
        referring = line.referring_provider or claim.referring_provider or line.ordering_provider
        if asked(RuleKind.REFERRING_NPI, code) and (referring is None or not referring.npi):
            return Rejection(category=MISSING, status="562", entity=REFERRING)
        if asked(RuleKind.CLIA, code) and not (line.clia_number or claim.clia_number):
            return Rejection(category=MISSING, status="142", entity=BILLING)
        if asked(RuleKind.NDC, code) and line.drug is None:
            return Rejection(category=MISSING, status="218")
    return None


RULES: tuple[Callable[[Arrival], Rejection | None], ...] = (
    _broken, _in_the_future, _frequency, _unknown_member, _element_missing,
)  # fmt: skip
