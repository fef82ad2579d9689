"""Professional claim, 837P (005010X222A1): how a clinic asks a payer to pay."""

from ..adjudication import Adjustment, Procedure, Reference
from .check import claim_faults
from .model import (
    BillingProvider,
    Claim,
    ClaimBatch,
    ClaimDate,
    Drug,
    LineAdjudication,
    Name,
    OtherCoverage,
    OtherInsured,
    Patient,
    Payer,
    Provider,
    Receiver,
    RenderingProvider,
    ServiceFacility,
    ServiceLine,
    Submitter,
    Subscriber,
)
from .read import read_batch, read_batches, read_each_batch
from .write import GROUP_KIND, VERSION, write_claims

__all__ = [
    "GROUP_KIND",
    "VERSION",
    "Adjustment",
    "BillingProvider",
    "Claim",
    "ClaimBatch",
    "ClaimDate",
    "Drug",
    "LineAdjudication",
    "Name",
    "OtherCoverage",
    "OtherInsured",
    "Patient",
    "Payer",
    "Procedure",
    "Provider",
    "Receiver",
    "Reference",
    "RenderingProvider",
    "ServiceFacility",
    "ServiceLine",
    "Submitter",
    "Subscriber",
    "claim_faults",
    "read_batch",
    "read_batches",
    "read_each_batch",
    "write_claims",
]
