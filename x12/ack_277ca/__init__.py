"""Claim acknowledgment, 277CA (005010X214): which claims went into adjudication, which came back."""

from .effective import effective_status
from .model import (
    AcknowledgedClaim,
    AcknowledgedLine,
    AcknowledgedProvider,
    ClaimAcknowledgment,
    ClaimStatus,
    EffectiveStatus,
    Level,
    Status,
    StatusInformation,
    Totals,
    totals_of,
)
from .read import read_claim_acknowledgment, read_claim_acknowledgments, read_each_claim_acknowledgment
from .write import GROUP_KIND, VERSION, write_claim_acknowledgment

__all__ = [
    "GROUP_KIND",
    "VERSION",
    "AcknowledgedClaim",
    "AcknowledgedLine",
    "AcknowledgedProvider",
    "ClaimAcknowledgment",
    "ClaimStatus",
    "EffectiveStatus",
    "Level",
    "Status",
    "StatusInformation",
    "Totals",
    "effective_status",
    "read_claim_acknowledgment",
    "read_claim_acknowledgments",
    "read_each_claim_acknowledgment",
    "totals_of",
    "write_claim_acknowledgment",
]
