"""Electronic remittance advice, 835 (005010X221A1): how a payer explains a payment."""

from ..adjudication import Adjustment, Procedure, Reference
from .balance import Finding, check_balance, check_claim, check_total
from .model import (
    Amount,
    ClaimPayment,
    EventDate,
    Organization,
    ProviderAdjustment,
    Quantity,
    Remittance,
    RemittanceHeader,
    ServicePayment,
)
from .read import RemittanceStream, read_each_remittance, read_remittance, read_remittances
from .write import GROUP_KIND, VERSION, write_remittance

__all__ = [
    "GROUP_KIND",
    "VERSION",
    "Adjustment",
    "Amount",
    "ClaimPayment",
    "EventDate",
    "Finding",
    "Organization",
    "Procedure",
    "ProviderAdjustment",
    "Quantity",
    "Reference",
    "Remittance",
    "RemittanceHeader",
    "RemittanceStream",
    "ServicePayment",
    "check_balance",
    "check_claim",
    "check_total",
    "read_each_remittance",
    "read_remittance",
    "read_remittances",
    "write_remittance",
]
