"""Patient accounts after the last payer: statements, plans, cases, and the night's aging."""

from collections_app.models.aging import AgingSnapshot
from collections_app.models.collection_case import CollectionCase, PlacedLine
from collections_app.models.lockbox import LockboxFile, LockboxItem
from collections_app.models.payment_plan import Installment, InstallmentPayment, PaymentPlan, PlanLine
from collections_app.models.statement import PayLink, Statement, StatementLine

__all__ = [
    "AgingSnapshot", "CollectionCase", "Installment", "InstallmentPayment", "LockboxFile", "LockboxItem", "PayLink",
    "PaymentPlan", "PlacedLine", "PlanLine", "Statement", "StatementLine",
]  # fmt: skip
