"""The check-in page's form: what is confirmed, signed, scanned and paid."""

from typing import Any

from django import forms

from checkin.models import Form
from clinic.models import Guarantor
from ledger.forms import amount_field
from ledger.models import CardToken

METHODS = [
    ("card", "Terminal", "card"),
    ("file", "On file", "lock"),
    ("cash", "Cash", "dollar"),
    ("check", "Check", "form"),
]
"""(what the form sends, label, glyph)"""

LARGEST_IMAGE = 8 * 1024 * 1024


class CheckInForm(forms.Form):
    photo_id_seen = forms.BooleanField(label="Photo ID matches", required=False)
    address_confirmed = forms.BooleanField(label="Address", required=False)
    phone_confirmed = forms.BooleanField(label="Phone and text consent", required=False)
    emergency_contact_confirmed = forms.BooleanField(label="Emergency contact", required=False)
    coverage_confirmed = forms.BooleanField(label="Insurance card seen", required=False)
    signed_forms = forms.MultipleChoiceField(choices=Form.choices, required=False)
    signed_name = forms.CharField(label="Signed by (type the name)", max_length=120, required=False)
    agrees_self_pay = forms.BooleanField(label="Patient agrees to pay without insurance", required=False)
    override_reason = forms.CharField(label="Or: why seen all the same", max_length=200, required=False)
    card_front = forms.FileField(label="Card front", required=False)
    card_back = forms.FileField(label="Card back", required=False)
    without_payment = forms.BooleanField(required=False)
    nothing_due = forms.BooleanField(required=False)
    amount = amount_field()
    toward = forms.ChoiceField(
        choices=[("balance", "Previous balance"), ("visit", "This visit")], required=False,
        widget=forms.Select(attrs={"class": "in"}),
    )  # fmt: skip
    method = forms.ChoiceField(label="Method", choices=[m[:2] for m in METHODS], required=False)
    reference = forms.CharField(label="Terminal reference or check number", max_length=80, required=False)
    card = forms.ModelChoiceField(CardToken.objects.none(), label="Card on file", required=False, empty_label=None)

    def __init__(self, *args: Any, guarantor: Guarantor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].required = False
        card: Any = self.fields["card"]
        card.queryset = CardToken.objects.filter(guarantor=guarantor, is_active=True).order_by("-created_at")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for name in ("card_front", "card_back"):
            if said.get(name) and said[name].size > LARGEST_IMAGE:
                self.add_error(name, "This picture is larger than 8 MB. Take a smaller one.")
        if said.get("nothing_due") and not self.data.get("amount", "").strip():
            said["without_payment"] = True
        if said.get("without_payment"):
            return said
        if not said.get("amount") and "amount" not in self.errors:
            self.add_error("amount", "Enter the amount, or check in without payment.")
        if not said.get("method"):
            self.add_error("method", "Choose how it is paid.")
        elif said["method"] in ("card", "check") and not said.get("reference"):
            self.add_error(
                "reference",
                "Enter the check number."
                if said["method"] == "check"
                else "Enter the reference that the terminal printed.",
            )
        elif said["method"] == "file" and not said.get("card"):
            self.add_error("method", "No card is on file. Take the card at the terminal.")
        return said


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=200)


class FindYourselfForm(forms.Form):
    """The kiosk's question: enough to know who stands there, nothing that tells a stranger anything."""

    last_name = forms.CharField(label="Last name", max_length=60)
    birth_date = forms.DateField(
        label="Birth date (MM/DD/YYYY)", input_formats=["%m/%d/%Y", "%m%d%Y", "%m-%d-%Y"],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
