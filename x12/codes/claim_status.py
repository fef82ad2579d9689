"""Where a claim stands: CLP02 of the 835, and category, status and entity of a 277 or 277CA."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .claim_status_table import STATUSES

__all__ = [
    "ACCEPTED",
    "CATEGORIES",
    "CLAIM_PAYMENT_STATUS",
    "ENTITIES",
    "NOT_FOUND",
    "RECEIVED",
    "REJECTED",
    "STATUSES",
    "ClaimPaymentStatus",
    "ClaimStatusCategory",
    "Outcome",
    "outcome_of",
    "sentence",
]


@dataclass(frozen=True, slots=True)
class ClaimPaymentStatus:
    """CLP02. "Processed" is not "paid", and 4 alone is not a denial: the adjustments decide."""

    code: str
    words: str
    payer_level: int = 0  # 1 primary, 2 secondary, 3 tertiary; 0 when the code does not say
    is_forwarded: bool = False  # another payer has it already: do not bill that one
    is_reversal: bool = False
    is_estimate: bool = False  # posts nothing


CLAIM_PAYMENT_STATUS: Final = {
    each.code: each
    for each in (
        ClaimPaymentStatus("1", "Processed as primary", 1),
        ClaimPaymentStatus("2", "Processed as secondary", 2),
        ClaimPaymentStatus("3", "Processed as tertiary", 3),
        ClaimPaymentStatus("4", "Denied"),
        ClaimPaymentStatus("19", "Processed as primary, forwarded", 1, is_forwarded=True),
        ClaimPaymentStatus("20", "Processed as secondary, forwarded", 2, is_forwarded=True),
        ClaimPaymentStatus("21", "Processed as tertiary, forwarded", 3, is_forwarded=True),
        ClaimPaymentStatus("22", "Reversal of an earlier payment", is_reversal=True),
        ClaimPaymentStatus("23", "Not this payer's claim, forwarded", is_forwarded=True),
        ClaimPaymentStatus("25", "Estimate only, before the service", is_estimate=True),
    )
}


class Outcome(StrEnum):
    """What a 277 category means for the claim."""

    RECEIVED = "received"  # arrived, nothing decided
    ACCEPTED = "accepted"  # in adjudication: proof of timely filing
    REJECTED = "rejected"  # never adjudicated: correct, send again as an original
    SPLIT = "split"  # accepted in several parts
    NOT_FOUND = "not found"  # inquire again before sending again, else a duplicate
    PENDED = "pended"
    INFORMATION_REQUESTED = "information requested"
    FINALIZED = "finalized"  # wait for the 835
    FORWARDED = "forwarded"  # the next payer has it
    ERROR = "error"  # the answer failed, nothing is known about the claim


@dataclass(frozen=True, slots=True)
class ClaimStatusCategory:
    """STC01-1. `in_277ca`: the guide of the 277CA knows it; others are noted and move no claim."""

    code: str
    words: str
    outcome: Outcome
    in_277ca: bool = False


CATEGORIES: Final = {
    each.code: each
    for each in (
        ClaimStatusCategory("A0", "Passed on to the next party", Outcome.RECEIVED, True),
        ClaimStatusCategory("A1", "Received", Outcome.RECEIVED, True),
        ClaimStatusCategory("A2", "Accepted into adjudication", Outcome.ACCEPTED, True),
        ClaimStatusCategory("A3", "Returned, could not be processed", Outcome.REJECTED, True),
        ClaimStatusCategory("A4", "Not found", Outcome.NOT_FOUND, True),
        ClaimStatusCategory("A5", "Split into several claims", Outcome.SPLIT, True),
        ClaimStatusCategory("A6", "Rejected: something is missing", Outcome.REJECTED, True),
        ClaimStatusCategory("A7", "Rejected: something is wrong", Outcome.REJECTED, True),
        ClaimStatusCategory("A8", "Rejected: two facts contradict each other", Outcome.REJECTED, True),
        ClaimStatusCategory("P0", "Pending", Outcome.PENDED),
        ClaimStatusCategory("P1", "Pending: in process", Outcome.PENDED),
        ClaimStatusCategory("P2", "Pending: payer reviews", Outcome.PENDED),
        ClaimStatusCategory("P3", "Pending: the provider was asked for something", Outcome.INFORMATION_REQUESTED),
        ClaimStatusCategory("P4", "Pending: the patient was asked for something", Outcome.INFORMATION_REQUESTED),
        ClaimStatusCategory("P5", "Pending: payer's own administration", Outcome.PENDED),
        ClaimStatusCategory("F0", "Finalized", Outcome.FINALIZED),
        ClaimStatusCategory("F1", "Finalized: paid", Outcome.FINALIZED),
        ClaimStatusCategory("F2", "Finalized: denied", Outcome.FINALIZED),
        ClaimStatusCategory("F3", "Finalized: decision revised", Outcome.FINALIZED),
        ClaimStatusCategory("F3F", "Finalized and forwarded", Outcome.FORWARDED),
        ClaimStatusCategory("F3N", "Finalized and not forwarded", Outcome.FINALIZED),
        ClaimStatusCategory("F4", "Finalized: no payment to come", Outcome.FINALIZED),
        ClaimStatusCategory("R0", "Something is asked for; see the status", Outcome.INFORMATION_REQUESTED),
        ClaimStatusCategory("R1", "Asked for: identity of a party", Outcome.INFORMATION_REQUESTED),
        ClaimStatusCategory("R3", "Asked for: the claim or a line", Outcome.INFORMATION_REQUESTED),
        ClaimStatusCategory("R4", "Asked for: documentation", Outcome.INFORMATION_REQUESTED),
        ClaimStatusCategory("R5", "Asked for: a more exact answer", Outcome.INFORMATION_REQUESTED),
        ClaimStatusCategory("R6", "Asked for: support of medical necessity", Outcome.INFORMATION_REQUESTED),
        ClaimStatusCategory("R7", "Asked for: records of an earlier time", Outcome.INFORMATION_REQUESTED),
        ClaimStatusCategory("R8", "Asked for: support of the code", Outcome.INFORMATION_REQUESTED),
        ClaimStatusCategory("R9", "Asked for: support of the charge", Outcome.INFORMATION_REQUESTED),
        ClaimStatusCategory("D0", "Search failed: data did not match", Outcome.NOT_FOUND),
        ClaimStatusCategory("E0", "Answer impossible: request was wrong", Outcome.ERROR),
        ClaimStatusCategory("E1", "Answer impossible: system down", Outcome.ERROR),
        ClaimStatusCategory("E2", "Answer impossible: payer's system does not respond", Outcome.ERROR),
        ClaimStatusCategory("E3", "Answer impossible: correct and ask again", Outcome.ERROR),
        ClaimStatusCategory("E4", "Answer impossible: trading partner rules", Outcome.ERROR),
    )
}


def _categories(*outcomes: Outcome) -> frozenset[str]:
    return frozenset(code for code, each in CATEGORIES.items() if each.in_277ca and each.outcome in outcomes)


RECEIVED: Final = _categories(Outcome.RECEIVED, Outcome.SPLIT)
ACCEPTED: Final = _categories(Outcome.ACCEPTED)
REJECTED: Final = _categories(Outcome.REJECTED)
NOT_FOUND: Final = _categories(Outcome.NOT_FOUND)
"""Categories of a 277CA by what becomes of the claim."""

ENTITIES: Final = {
    "03": "dependent",
    "13": "contracted provider",
    "1P": "provider",
    "2B": "third-party administrator",
    "36": "employer",
    "40": "receiver",
    "41": "submitter",
    "71": "attending provider",
    "72": "operating provider",
    "77": "service location",
    "82": "rendering provider",
    "85": "billing provider",
    "87": "pay-to provider",
    "AY": "clearinghouse",
    "DK": "ordering provider",
    "DN": "referring provider",
    "DQ": "supervising provider",
    "FA": "facility",
    "GB": "other insured",
    "HK": "subscriber",
    "IL": "insured",
    "LI": "independent laboratory",
    "P3": "primary care provider",
    "P4": "payer before",
    "P5": "plan sponsor",
    "PE": "payee",
    "PR": "payer",
    "PRP": "primary payer",
    "PW": "pick-up address",
    "QB": "purchased service provider",
    "QC": "patient",
    "SEP": "secondary payer",
    "TL": "testing laboratory",
    "TTP": "tertiary payer",
    "TU": "third-party repricer",
}
"""STC01-3: whose data the status is about."""


def outcome_of(category: str) -> Outcome | None:
    """The outcome of a category code; None for one that nobody knows: then no claim moves."""
    known = CATEGORIES.get(category)
    return known.outcome if known else None


def sentence(category: str, status: str, entity: str = "") -> str:
    """A sentence for the biller: "Rejected: something is wrong: NPI (billing provider)"."""
    known = CATEGORIES.get(category)
    first = known.words if known else f"Category {category}"
    second = STATUSES.get(status, f"status {status}") if status else ""
    whose = f" ({ENTITIES.get(entity, entity)})" if entity else ""
    return f"{first}: {second}{whose}" if second else f"{first}{whose}"
