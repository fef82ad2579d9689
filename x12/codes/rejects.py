"""Why a 270 was not answered (AAA), and who must act."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class RejectClass(StrEnum):
    """Who must act after an AAA, and what the desk is told."""

    RETRY = "ask again later"
    OUR_SETUP = "our own data or enrollment"
    PATIENT_DATA = "the patient's data"
    DATES = "the dates asked about"
    OTHER = "read the answer"


@dataclass(frozen=True, slots=True)
class RejectReason:
    """AAA03."""

    code: str
    words: str
    kind: RejectClass


def _reject_reasons() -> dict[str, RejectReason]:
    table = {
        RejectClass.RETRY: {
            "42": "Payer cannot answer at the moment",
            "80": "No answer from the payer",
        },
        RejectClass.OUR_SETUP: {
            "15": "Something the payer needs was not sent",
            "33": "Data entry error",
            "41": "We may not ask this payer",
            "43": "Provider id missing or wrong",
            "44": "Provider name missing or wrong",
            "45": "Provider specialty missing or wrong",
            "46": "Provider telephone missing or wrong",
            "47": "Provider state missing or wrong",
            "48": "Referring provider id missing or wrong",
            "49": "Provider is not the primary care provider",
            "50": "Provider may not ask",
            "51": "Provider not on file at the payer",
            "79": "Id of a party is not valid at the payer",
            "97": "Provider address missing or wrong",
            "T4": "Payer name or id missing",
        },
        RejectClass.PATIENT_DATA: {
            "35": "Patient is outside our network",
            "58": "Birth date missing or wrong",
            "64": "Patient id missing or wrong",
            "65": "Patient name missing or wrong",
            "66": "Patient sex missing or wrong",
            "67": "Patient not found",
            "68": "Patient id belongs to more than one person",
            "71": "Birth date differs from the payer's file",
            "72": "Subscriber id missing or wrong",
            "73": "Subscriber name missing or wrong",
            "74": "Subscriber sex missing or wrong",
            "75": "Subscriber not found",
            "76": "Subscriber id belongs to more than one person",
            "77": "Subscriber found, patient not found",
            "78": "Subscriber is not in this group or plan",
        },
        RejectClass.DATES: {
            "52": "Service dates not inside the provider's enrollment",
            "56": "Date cannot be right",
            "57": "Date of service missing or wrong",
            "60": "Birth date is after the date of service",
            "61": "Date of death is before the date of service",
            "62": "Date of service is not in the allowed period",
            "63": "Date of service is in the future",
        },
        RejectClass.OTHER: {
            "04": "More was asked than the payer answers at once",
            "53": "Diagnosis or procedure does not allow an answer",
            "54": "Kind of product or service missing or wrong",
            "55": "Product or service code missing or wrong",
            "69": "Patient's age does not fit",
            "70": "Patient's sex does not fit",
            "98": "Experimental service",
            "AA": "Authorization number not found",
            "IA": "Authorization number invalid",
            "MA": "Authorization number missing",
        },
    }
    return {code: RejectReason(code, words, kind) for kind, reasons in table.items() for code, words in reasons.items()}


REJECT_REASONS: Final = _reject_reasons()

FOLLOW_UP_ACTIONS: Final = {
    "C": "Correct and ask again",
    "N": "Do not ask again",
    "P": "Correct the request and ask again",
    "R": "Asking again is allowed",
    "S": "Do not ask again; the payer will answer",
    "W": "Wait 30 days, then ask again",
    "X": "Wait 10 days, then ask again",
    "Y": "Do not ask again; we are being looked into",
}
"""AAA04."""


def reject_class(code: str) -> RejectClass:
    """Who must act; an unknown reason is for a person to read."""
    known = REJECT_REASONS.get(code)
    return known.kind if known else RejectClass.OTHER


def reject_words(code: str) -> str:
    """Our short words for a reason; the bare code when it is not in the table."""
    known = REJECT_REASONS.get(code)
    return known.words if known else f"Reason {code}"
