"""OpenItem: the one stored balance. Written by journal.post() alone; verify_ledger rebuilds and compares it."""

from datetime import date

from django.db import models
from django.db.models import Q

from clinic.fields import MoneyField
from ledger.models.account import Account

PATIENT_OWES = (Account.PAT, Account.PLAN, Account.AGCY)
RECEIVABLE = (Account.INS, *PATIENT_OWES)


class OpenItemQuerySet(models.QuerySet["OpenItem"]):
    def open(self) -> "OpenItemQuerySet":
        return self.exclude(balance=0)

    def owed_by_patient(self) -> "OpenItemQuerySet":
        return self.filter(account__in=PATIENT_OWES)


class OpenItem(models.Model):
    """Who owes how much for what. `balance` = debits − credits, so a liability stands below zero.

    `responsible_since` is the day the amount became that party's to pay. On a receivable it never moves
    forward, also not through a plan, its default, the agency, a returned check or a payer's correction of the
    line; on liabilities and clearing accounts it starts again when the item was at zero.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=200, unique=True)
    account = models.CharField(max_length=10, choices=Account.choices)
    charge = models.ForeignKey(
        "clinic.ChargeItem", null=True, blank=True, on_delete=models.PROTECT, related_name="open_items"
    )
    coverage = models.ForeignKey(
        "clinic.Coverage", null=True, blank=True, on_delete=models.PROTECT, related_name="open_items"
    )
    guarantor = models.ForeignKey(
        "clinic.Guarantor", null=True, blank=True, on_delete=models.PROTECT, related_name="open_items"
    )
    patient = models.ForeignKey(
        "clinic.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="open_items"
    )
    visit = models.ForeignKey(
        "clinic.Visit", null=True, blank=True, on_delete=models.PROTECT, related_name="open_items"
    )
    payer = models.ForeignKey(
        "clinic.Payer", null=True, blank=True, on_delete=models.PROTECT, related_name="open_items"
    )
    reference = models.CharField(max_length=80, blank=True)
    service_date = models.DateField(null=True, blank=True)
    balance = MoneyField(default=0)
    responsible_since = models.DateField(null=True, blank=True)
    first_statement_on = models.DateField(null=True, blank=True)

    objects = OpenItemQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["guarantor", "account"], condition=~Q(balance=0), name="open_item_guarantor"),
            models.Index(
                fields=["account", "payer"],
                include=["responsible_since", "service_date", "balance"],
                condition=~Q(balance=0),
                name="open_item_payer",
            ),  # aged without a look at the table
            models.Index(fields=["account", "responsible_since"], condition=~Q(balance=0), name="open_item_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.balance}"

    def age_on(self, day: date) -> int:
        """Days since the amount became that party's; never below zero."""
        return max(0, (day - self.responsible_since).days) if self.responsible_since else 0
