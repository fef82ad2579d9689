"""What billing keeps beside the shared Claim: sendings and acknowledgments, remittances, denials."""

from billing.models.denial import Correction, Denial, WriteOffRequest
from billing.models.remittance import (
    Adjustment,
    ClaimResponse,
    LineResponse,
    ProviderAdjustment,
    RefusedRemittance,
    Remittance,
)
from billing.models.submission import Acknowledgment, ClaimSubmission

__all__ = [
    "Acknowledgment", "Adjustment", "ClaimResponse", "ClaimSubmission", "Correction", "Denial", "LineResponse",
    "ProviderAdjustment", "RefusedRemittance", "Remittance", "WriteOffRequest",
]  # fmt: skip
