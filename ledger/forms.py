"""Shapes of what the desk types about money. Whether it may happen is asked of the services."""

import re
from decimal import Decimal
from typing import Any

from django import forms

from clinic.models import Guarantor
from clinic.money import HOW, LARGEST, TOO_LARGE
from ledger.models import CardToken, Payment

AT_THE_DESK = (
    Payment.Method.CASH,
    Payment.Method.CHECK,
    Payment.Method.CARD_TERMINAL,
)
WITHOUT_VISIT = (Payment.Kind.BALANCE, Payment.Kind.PREPAYMENT, Payment.Kind.FEE)


AS_WRITTEN = re.compile(r"\$?(\d{1,3}(,\d{3})+|\d*)(\.\d*)?")
"""$1,204.50 as people write it: the dollar sign, and commas where they part thousands, are no error."""


class AmountField(forms.DecimalField):
    """Dollars and cents, with sentences for the person at the desk."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and AS_WRITTEN.fullmatch(value.strip()):
            value = value.replace("$", "").replace(",", "")
        return super().to_python(value)


def amount_field(label: str = "Amount", *, least: str = "0.01") -> forms.DecimalField:
    above = "The amount must be more than $0.00." if Decimal(least) > 0 else "The amount cannot be less than $0.00."
    return AmountField(
        label=label,
        max_digits=12,
        decimal_places=2,
        min_value=Decimal(least),
        max_value=LARGEST,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "invalid": HOW,
            "min_value": above,
            "max_value": TOO_LARGE,
            "max_decimal_places": HOW,
            "max_digits": TOO_LARGE,
            "max_whole_digits": TOO_LARGE,
        },
    )


def _choices(values: tuple[Any, ...]) -> list[tuple[str, str]]:
    return [(v.value, v.label) for v in values]


class PaymentForm(forms.Form):
    amount = amount_field()
    kind = forms.ChoiceField(label="For", choices=_choices(WITHOUT_VISIT))
    method = forms.ChoiceField(label="Paid by", choices=_choices(AT_THE_DESK))
    reference = forms.CharField(label="Check number or approval code", max_length=80, required=False)


class CardPaymentForm(forms.Form):
    """A card on file is charged through the processor."""

    amount = amount_field()
    kind = forms.ChoiceField(label="For", choices=_choices(WITHOUT_VISIT))
    card = forms.ModelChoiceField(CardToken.objects.none(), label="Card on file", empty_label=None)

    def __init__(self, *args: Any, guarantor: Guarantor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        card: Any = self.fields["card"]
        card.queryset = CardToken.objects.filter(guarantor=guarantor, is_active=True).order_by("-created_at")


class RecoupmentForm(forms.Form):
    number = forms.CharField(label="Claim number", max_length=20)


class VoidForm(forms.Form):
    reason = forms.CharField(label="Why it is voided", max_length=200)


class RefundForm(forms.Form):
    amount = amount_field()
    reason = forms.CharField(label="Why the money goes back", max_length=200)


class OpenDrawerForm(forms.Form):
    float_amount = amount_field("Money for change in the drawer (float)", least="0")


class CountForm(forms.Form):
    counted = amount_field("Everything in the drawer, with the float", least="0")


class CloseForm(forms.Form):
    explanation = forms.CharField(label="Explanation, when the count is off", max_length=200, required=False)


class CountAgainForm(forms.Form):
    reason = forms.CharField(label="Why it is counted again", max_length=200)


class DepositForm(forms.Form):
    reference = forms.CharField(label="Bank slip", max_length=80, required=False)


class ArrivedForm(forms.Form):
    amount = amount_field("Amount on the bank's side")


class PayoutForm(forms.Form):
    """What the card processor paid out: the gross and the fee it kept."""

    amount = amount_field("Card payments in this payout (gross)")
    fee = amount_field("Fee kept by the processor", least="0")
    reference = forms.CharField(label="Payout number", max_length=80, required=False)


class ReturnedForm(forms.Form):
    bank_fee = amount_field("What the bank takes from us", least="0")
    policy_fee = amount_field("Fee to the patient by our policy", least="0")
