"""Adjustments of an 835: what a group and a reason (CARC) do to the money, and what to do next.

Positive lists only. What no list names is a denial, so that money never disappears because a
payer used a code that nobody here had heard of. The words of the reasons stand in `reasons.py`.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from .reasons import REASONS, AdjustmentReason, NextStep
from .remarks import QMB

__all__ = [
    "CONTRACTUAL",
    "GROUPS",
    "INFORMATIONAL",
    "NEVER_PATIENT",
    "PATIENT",
    "REASONS",
    "AdjustmentClass",
    "AdjustmentReason",
    "NextStep",
    "Owes",
    "classify",
    "forbids_patient_bill",
    "is_qmb",
    "next_step",
    "owed_by",
    "words",
]

GROUPS: Final = {
    "CO": "Contract: the practice bears it",
    "PR": "Patient's part",
    "OA": "Other",
    "PI": "Payer's own reduction, without a contract",
    "CR": "Correction (old files)",
}


class AdjustmentClass(StrEnum):
    """What an adjusted amount becomes in the books."""

    CONTRACTUAL = "contractual"  # written off: the price we agreed to
    PATIENT = "patient"  # moves on to the next payer, else the patient
    DENIAL = "denial"  # posts nothing, stays open at this payer, opens a Denial
    INFORMATIONAL = "informational"  # posts nothing, opens nothing


class Owes(StrEnum):
    """Who owes the adjusted amount from now on."""

    NOBODY = "nobody"
    NEXT = "next payer, else the patient"
    PAYER = "this payer, until somebody decides"
    UNCHANGED = "whoever owed it before"


_OWED_BY: Final = {
    AdjustmentClass.CONTRACTUAL: Owes.NOBODY,
    AdjustmentClass.PATIENT: Owes.NEXT,
    AdjustmentClass.DENIAL: Owes.PAYER,
    AdjustmentClass.INFORMATIONAL: Owes.UNCHANGED,
}

CONTRACTUAL: Final = frozenset({"45", "131", "253", "59", "94", "104", "144", "223", "237", "246", "A2", "42"})
"""Given up under the contract, in groups CO, OA and CR. 104 is a withhold, still receivable."""

PATIENT: Final = frozenset({"1", "2", "3", "66", "100", "142", "178", "241"})
"""Only with group PR; only these (with 45 out of network) move on from the payer."""

INFORMATIONAL: Final = frozenset({"23"})
"""What earlier payers did. A negative PR-23 still lowers the patient's part."""

NEVER_PATIENT: Final = frozenset({"16", "29", "197", "209", "253", "303", "B7"})
"""Whatever the group says, no statement may ask a patient for these."""

CAPITATED: Final = "24"
FEE_SCHEDULE: Final = "45"
QMB_REASON: Final = "209"
_COST_SHARE: Final = frozenset({"1", "2", "3"})


def classify(
    group: str,
    code: str,
    *,
    out_of_network: bool = False,
    capitated: bool = False,
    takes_whole_charge: bool = False,
) -> AdjustmentClass:
    """The class of one adjustment of a CAS.

    `takes_whole_charge`: nothing was paid and this adjustment alone equals the charge. Then even
    CO-45 is a denial: no fee schedule allows nothing. PR with another reason than the patient's
    own is a denial too: the payer names the patient, but nobody has decided that the patient owes.
    A line with a denial and no payment posts none of its contractual amounts either; that takes
    the whole line and is the caller's to see.
    """
    if group == "PR":
        moves_on = code in PATIENT or code in INFORMATIONAL or (code == FEE_SCHEDULE and out_of_network)
        return AdjustmentClass.PATIENT if moves_on else AdjustmentClass.DENIAL
    if group == "PI":
        return AdjustmentClass.DENIAL
    if code in INFORMATIONAL or (code in _COST_SHARE and group in ("OA", "CR")):
        return AdjustmentClass.INFORMATIONAL
    if code == CAPITATED and capitated:
        return AdjustmentClass.CONTRACTUAL
    if code in CONTRACTUAL and not takes_whole_charge:
        return AdjustmentClass.CONTRACTUAL
    return AdjustmentClass.DENIAL


def owed_by(
    group: str,
    code: str,
    *,
    out_of_network: bool = False,
    capitated: bool = False,
    takes_whole_charge: bool = False,
) -> Owes:
    """Who owes the amount after this adjustment."""
    return _OWED_BY[
        classify(group, code, out_of_network=out_of_network, capitated=capitated, takes_whole_charge=takes_whole_charge)
    ]


def forbids_patient_bill(group: str, code: str, *, out_of_network: bool = False) -> bool:
    """No person may move this to the patient either: CO, PI, OA, and reasons that are our own failing.

    PR-26, 27, 119, 204 and the like are not forbidden: they stay at the payer until a person decides.
    """
    if group != "PR" or code in NEVER_PATIENT:
        return True
    return code == FEE_SCHEDULE and not out_of_network


def is_qmb(codes: Iterable[str], remarks: Iterable[str]) -> bool:
    """The remit names a Qualified Medicare Beneficiary: no cost share may reach the patient."""
    return QMB_REASON in codes or not QMB.isdisjoint(remarks)


def next_step(code: str) -> NextStep:
    """What a biller usually does first; a practice's playbook may know better."""
    known = REASONS.get(code)
    return known.next_step if known else NextStep.CHECK


def words(code: str) -> str:
    """Our short words for a reason; the bare code when it is not in the table."""
    known = REASONS.get(code)
    return known.words if known else f"Reason {code}"
