"""CollectionCase: how far an unpaid balance has gone up the ladder, from the first statement to the agency."""

from django.db import models
from django.db.models import F, Q

from clinic.fields import MoneyField
from clinic.models import HasStatus, Record


class CollectionCaseQuerySet(models.QuerySet["CollectionCase"]):
    def climbing(self) -> "CollectionCaseQuerySet":
        return self.filter(status__in=CollectionCase.CLIMBING)


class CollectionCase(Record, HasStatus):
    """`opened_on` is the first statement of the oldest unpaid line: the ladder is counted from there.

    A case covers the lines first billed by that day; newer lines start their own.
    """

    class Status(models.TextChoices):
        STATEMENT = "statement", "Statement sent"
        REMINDER = "reminder", "Reminder sent"
        SECOND = "second", "Second notice sent"
        CALL = "call", "Call due"
        CALLED = "called", "Called"
        FINAL = "final", "Final notice sent"
        REQUESTED = "requested", "Referral waits for approval"
        AGENCY = "agency", "At the agency"
        RECALLED = "recalled", "Recalled from the agency"
        WRITTEN_OFF = "written_off", "Written off as bad debt"
        CLOSED = "closed", "Nothing left to collect"

    CLIMBING = (
        Status.STATEMENT, Status.REMINDER, Status.SECOND, Status.CALL, Status.CALLED, Status.FINAL, Status.REQUESTED,
    )  # fmt: skip
    PLACED = (Status.AGENCY, Status.WRITTEN_OFF)
    TRANSITIONS = {
        Status.STATEMENT: {Status.REMINDER, Status.SECOND, Status.CALL, Status.CLOSED},
        Status.REMINDER: {Status.SECOND, Status.CALL, Status.CLOSED},
        Status.SECOND: {Status.CALL, Status.CALLED, Status.CLOSED},
        Status.CALL: {Status.CALLED, Status.FINAL, Status.CLOSED},
        Status.CALLED: {Status.FINAL, Status.CLOSED},
        Status.FINAL: {Status.REQUESTED, Status.WRITTEN_OFF, Status.CLOSED},
        Status.REQUESTED: {Status.AGENCY, Status.FINAL, Status.CLOSED},
        Status.AGENCY: {Status.RECALLED, Status.WRITTEN_OFF, Status.CLOSED},
        Status.WRITTEN_OFF: {Status.CLOSED},
    }

    number = models.CharField(max_length=12, unique=True)
    guarantor = models.ForeignKey("clinic.Guarantor", on_delete=models.PROTECT, related_name="collection_cases")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.STATEMENT)
    opened_on = models.DateField()
    stage_on = models.DateField("in this stage since")
    call_note = models.CharField(max_length=300, blank=True)
    called_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answer_by = models.DateField("last day to answer the final notice", null=True, blank=True)
    agency = models.CharField(max_length=80, blank=True)
    requested_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    placed_on = models.DateField(null=True, blank=True)
    placed_amount = MoneyField(default=0)
    write_off_requested_by = models.ForeignKey(
        "clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    write_off_approved_by = models.ForeignKey(
        "clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_on = models.DateField(null=True, blank=True)

    objects = CollectionCaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["guarantor"],
                condition=Q(status__in=["statement", "reminder", "second", "call", "called", "final", "requested"]),
                name="case_one_climbing",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")), name="referral_by_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(status="agency") | Q(approved_by__isnull=False, requested_by__isnull=False),
                name="agency_case_was_approved",
            ),
            models.CheckConstraint(
                condition=Q(write_off_approved_by__isnull=True) | ~Q(write_off_approved_by=F("write_off_requested_by")),
                name="bad_debt_by_two_people",
            ),
        ]
        indexes = [models.Index(fields=["status", "stage_on"]), models.Index(fields=["guarantor", "status"])]

    def __str__(self) -> str:
        return f"case {self.number}"

    @property
    def is_climbing(self) -> bool:
        return self.status in self.CLIMBING


class PlacedLine(Record):
    """A line as it was placed with the agency (or given up from our own desk): what was owed on it then."""

    case = models.ForeignKey(CollectionCase, on_delete=models.PROTECT, related_name="lines")
    charge = models.ForeignKey("clinic.ChargeItem", on_delete=models.PROTECT, related_name="placed_lines")
    amount = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "charge"], name="placed_line_charge"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="placed_line_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.charge_id} {self.amount}"
