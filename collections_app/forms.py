"""Shapes of what is typed in collections. Whether it may happen is asked of the services."""

import calendar
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from clinic import clock
from clinic.models import Guarantor, Hold, Visit
from collections_app.queries.billable import BY_THEMSELVES
from ledger.forms import AT_THE_DESK, amount_field
from ledger.models import CardToken


def _pick_day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class ExpiryField(forms.Field):
    """MM/YY as printed on the card; the last day of that month."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Expires (MM/YY)")
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"autocomplete": "cc-exp", "inputmode": "numeric", "placeholder": "MM/YY"})
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        month, _, year = text.replace("-", "/").partition("/")
        if not (month.isdigit() and year.isdigit() and 1 <= int(month) <= 12 and len(year) in (2, 4)):
            raise forms.ValidationError("Enter the month and year as on the card, MM/YY.")
        full = int(year) + (clock.today().year // 100 * 100 if len(year) == 2 else 0)
        return date(full, int(month), calendar.monthrange(full, int(month))[1])


class CardForm(forms.Form):
    """The number goes to the card processor; only its token is kept."""

    number = forms.CharField(
        label="Card number",
        max_length=23,
        widget=forms.TextInput(attrs={"autocomplete": "cc-number", "inputmode": "numeric"}),
    )
    expires = ExpiryField()


class PayForm(CardForm):
    """`asked` is the amount that stood on the page."""

    asked = forms.DecimalField(widget=forms.HiddenInput, max_digits=12, decimal_places=2)


class PlanForm(forms.Form):
    parts = forms.IntegerField(label="Installments", widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    starts_on = forms.DateField(label="First installment", widget=_pick_day())
    day_of_month = forms.IntegerField(
        label="Then each month on day", min_value=1, max_value=31, widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="29 to 31: the last day of a shorter month.",
    )  # fmt: skip
    card_token = forms.ModelChoiceField(
        CardToken.objects.none(), label="Charge this card by itself", required=False, empty_label="No card: the patient pays",
    )  # fmt: skip
    disclosure_given = forms.BooleanField(
        label="Written disclosure handed over (needed for more than four)", required=False
    )

    def __init__(self, *args: Any, guarantor: Guarantor, items: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(items)
        cards: Any = self.fields["card_token"]
        cards.queryset = CardToken.objects.filter(guarantor=guarantor, is_active=True).order_by("-created_at")
        lines = [(str(i.charge_id), i.charge.code) for i in self.items]
        self.fields["lines"] = forms.MultipleChoiceField(
            label="Lines",
            choices=lines,
            initial=[pk for pk, _ in lines],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    def shares(self) -> list[tuple[Any, Decimal]]:
        chosen = set(self.cleaned_data["lines"])
        return [(i.charge, i.balance) for i in self.items if str(i.charge_id) in chosen]


class InstallmentForm(forms.Form):
    amount = amount_field()
    method = forms.ChoiceField(label="Paid by", choices=[(m.value, m.label) for m in AT_THE_DESK])
    reference = forms.CharField(label="Check number or approval code", max_length=80, required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=200)


class HoldForm(forms.Form):
    reason = forms.ChoiceField(label="Why", choices=[(r.value, r.label) for r in Hold.Reason if r not in BY_THEMSELVES])
    visit = forms.ModelChoiceField(
        Visit.objects.none(), label="Only this visit", required=False, empty_label="The whole account"
    )
    until = forms.DateField(label="Until and with", required=False, widget=_pick_day())
    note = forms.CharField(label="Who asked for it, and what was said", max_length=300)

    def __init__(self, *args: Any, guarantor: Guarantor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visits: Any = self.fields["visit"]
        visits.queryset = Visit.objects.filter(guarantor=guarantor).order_by("-service_date", "-number")
        visits.label_from_instance = lambda visit: f"{visit.service_date:%m/%d/%Y}, {visit}"


class PlanCardForm(forms.Form):
    card_token = forms.ModelChoiceField(
        CardToken.objects.none(), label="Charge this card by itself", required=False, empty_label="No card: the patient pays",
    )  # fmt: skip

    def __init__(self, *args: Any, guarantor: Guarantor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cards: Any = self.fields["card_token"]
        cards.queryset = CardToken.objects.filter(guarantor=guarantor, is_active=True).order_by("-created_at")


class CallForm(forms.Form):
    note = forms.CharField(label="What was said", max_length=300)


class ReferralForm(forms.Form):
    agency = forms.CharField(label="Agency", max_length=80)


class AgencyPaymentForm(forms.Form):
    collected = amount_field("Collected from the patient")
    fee = amount_field("Kept by the agency", least="0.00")
    reference = forms.CharField(label="Agency's reference", max_length=80)


class LockboxForm(forms.Form):
    file = forms.FileField(label="Lockbox file (CSV)", allow_empty_file=True)


class MatchForm(forms.Form):
    statement_number = forms.CharField(label="Statement number", max_length=12)
