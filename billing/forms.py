"""Shapes of what billers and clinicians type: charges, diagnoses, reasons. What is allowed is the services' to say."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from billing.models import Denial
from clinic.models import ChargeItem, Claim, ClaimLine, Coverage, Payer, Provider, User
from clinic.money import dollars

LINES = 6
LINE_FIELDS = ("code", "modifiers", "units", "pointers", "amount", "ndc", "prior_authorization_number")


class WordsField(forms.CharField):
    """Several short words in one box, parted by spaces or commas: `25 59`."""

    def clean(self, value: Any) -> list[str]:
        return [word.upper() for word in re.split(r"[\s,;]+", super().clean(value)) if word]


class PointersField(WordsField):
    """Diagnosis pointers as on the paper claim, A to L, or by number: `A B`, `1 2`."""

    def clean(self, value: Any) -> list[int]:  # type: ignore[override]
        found = []
        for word in super().clean("".join(f"{c} " if c.isalpha() else c for c in value or "")):
            if word.isdigit():
                found.append(int(word))
            elif len(word) == 1 and "A" <= word <= "L":
                found.append(ord(word) - ord("A") + 1)
            else:
                raise forms.ValidationError(f"{word} is no pointer: write A to L, or 1 to 12.")
        return found


SIZES = {"code": 7, "modifiers": 9, "units": 4, "pointers": 7, "amount": 9, "ndc": 13, "prior_authorization_number": 12}


def _line_fields() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {
        "code": forms.CharField(label="Code", max_length=5, required=False),
        "modifiers": WordsField(label="Modifiers", max_length=14, required=False),
        "units": forms.IntegerField(label="Units", min_value=1, max_value=999, required=False),
        "pointers": PointersField(label="Diagnoses", max_length=12, required=False),
        "amount": forms.DecimalField(label="Charge", max_digits=9, decimal_places=2, min_value=0, required=False),
        "ndc": forms.CharField(label="Drug code (NDC)", max_length=13, required=False),
        "prior_authorization_number": forms.CharField(label="Authorization", max_length=50, required=False),
    }
    for name in ("units", "amount"):  # a text box takes a size, a number box does not
        fields[name].widget = forms.TextInput(attrs={"inputmode": "decimal" if name == "amount" else "numeric"})
    return fields


class ChargeEntryForm(forms.Form):
    """A visit's diagnoses and up to six new lines; empty lines are passed over."""

    diagnoses = WordsField(
        label="Diagnoses (ICD-10), most important first", required=False, max_length=120,
        help_text="Parted by spaces, at most 12. Lines point to them by A, B, C …",
    )  # fmt: skip
    bill_patient = forms.BooleanField(label="No insurance for this visit: the patient pays", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, LINES + 1):
            for name, field in _line_fields().items():
                said = {
                    "class": "in",
                    "size": SIZES[name],
                    "aria-label": f"{field.label}, line {n}",
                    "autocomplete": "off",
                }
                field.widget.attrs.update(said)
                self.fields[f"{name}_{n}"] = field

    def heads(self) -> list[str]:
        return [str(field.label) for field in _line_fields().values()]

    def rows(self) -> Iterator[tuple[int, list[BoundField]]]:
        for n in range(1, LINES + 1):
            yield n, [self[f"{name}_{n}"] for name in LINE_FIELDS]

    def lines(self) -> list[dict[str, Any]]:
        """What the service takes for each line that has a code."""
        said = self.cleaned_data
        found = []
        for n in range(1, LINES + 1):
            if said[f"code_{n}"]:
                line = {name: said[f"{name}_{n}"] for name in LINE_FIELDS}
                line["units"] = line["units"] or 1
                found.append(line)
        return found


class ChargeForm(forms.Form):
    """One charge, to be changed. An empty amount takes the fee of our schedule."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, charge: ChargeItem, **kwargs: Any) -> None:
        initial = {
            "version": charge.version, "code": charge.code, "modifiers": " ".join(charge.modifiers),
            "units": charge.units, "pointers": " ".join("ABCDEFGHIJKL"[p - 1] for p in charge.pointers),
            "amount": charge.amount, "ndc": charge.ndc,
            "prior_authorization_number": charge.prior_authorization_number,
        }  # fmt: skip
        super().__init__(*args, **{"initial": initial, **kwargs})
        for name, field in _line_fields().items():
            field.required = name in ("code", "units")
            self.fields[name] = field

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in LINE_FIELDS}


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class ResendForm(ReasonForm):
    unchanged = forms.BooleanField(label="Send it unchanged: the receiver asked for that", required=False)


class ClaimForm(forms.ModelForm):  # type: ignore[type-arg]
    """What stands on the claim alone; charges, diagnoses and coverage are changed where they live."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    referring_provider = forms.ModelChoiceField(
        Provider.objects.filter(is_active=True), required=False, empty_label="Nobody referred"
    )

    class Meta:
        model = Claim
        fields = ("place_of_service", "referring_provider", "prior_authorization_number", "clia_number")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = self.instance.version


# --- denials and remittances


class DenialFilterForm(forms.Form):
    """The choices of the worklist. Only ids and words of ours: nothing personal may stand in an address."""

    payer = forms.ModelChoiceField(Payer.objects.none(), required=False, empty_label="All payers")
    category = forms.ChoiceField(required=False, label="Reason")
    assigned_to = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Anyone", label="Assigned to")
    least = forms.TypedChoiceField(required=False, label="Amount", coerce=Decimal, empty_value=None)

    def __init__(
        self, *args: Any, payers: Any, categories: list[str], people: Any, amounts: tuple[Decimal, ...], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payer"].queryset = payers  # type: ignore[attr-defined]
        self.fields["assigned_to"].queryset = people  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", "All reasons"), *((c, c) for c in categories)]  # type: ignore[attr-defined]
        self.fields["least"].choices = [("", "Any amount"), *((str(a), f"{dollars(a)} and more") for a in amounts)]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "in"


class CorrectionForm(forms.Form):
    """The claim again: its own fields and, a line each, what was done. `preview` shows the difference first."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="What was wrong", max_length=200)
    referring_provider = forms.ModelChoiceField(
        Provider.objects.filter(is_active=True), required=False, empty_label="Nobody referred"
    )
    rendering_provider = forms.ModelChoiceField(Provider.objects.filter(is_active=True))
    place_of_service = forms.CharField(max_length=2)
    prior_authorization_number = forms.CharField(label="Authorization", max_length=50, required=False)
    clia_number = forms.CharField(label="CLIA number", max_length=10, required=False)
    diagnosis_codes = WordsField(label="Diagnoses (ICD-10), most important first", max_length=120, required=False)

    ON_THE_CLAIM = (
        "referring_provider", "rendering_provider", "place_of_service", "prior_authorization_number", "clia_number",
        "diagnosis_codes",
    )  # fmt: skip
    ON_A_LINE = ("code", "modifiers", "units", "pointers", "amount", "ndc")

    def __init__(self, *args: Any, claim: Claim, lines: Sequence[ClaimLine], **kwargs: Any) -> None:
        initial: dict[str, Any] = {name: getattr(claim, name) for name in self.ON_THE_CLAIM}
        initial |= {"version": claim.version, "diagnosis_codes": " ".join(claim.diagnosis_codes)}
        self.claim, self.claim_lines = claim, lines
        for line in lines:
            initial |= {f"{name}_{line.position}": _typed(name, getattr(line.charge, name)) for name in self.ON_A_LINE}
        super().__init__(*args, **{"initial": initial, **kwargs})
        for line in lines:
            for name, field in _line_fields().items():
                if name in self.ON_A_LINE:
                    field.required = name in ("code", "units", "amount")
                    self.fields[f"{name}_{line.position}"] = field

    def rows(self) -> Iterator[tuple[ClaimLine, list[BoundField]]]:
        for line in self.claim_lines:
            yield line, [self[f"{name}_{line.position}"] for name in self.ON_A_LINE]

    def claim_fields(self) -> list[BoundField]:
        return [self[name] for name in self.ON_THE_CLAIM]

    def changes(self) -> dict[str, Any]:
        said = {name: self.cleaned_data[name] for name in self.ON_THE_CLAIM}
        return {name: value for name, value in said.items() if value != getattr(self.claim, name)}

    def line_changes(self) -> dict[Any, dict[str, Any]]:
        """By charge: only what differs from the charge as it stands."""
        found = {}
        for line in self.claim_lines:
            said = {name: self.cleaned_data[f"{name}_{line.position}"] for name in self.ON_A_LINE}
            changed = {name: value for name, value in said.items() if value != getattr(line.charge, name)}
            if changed:
                found[line.charge_id] = changed
        return found


def _typed(name: str, value: Any) -> Any:
    if name == "pointers":
        return " ".join("ABCDEFGHIJKL"[p - 1] for p in value)
    return " ".join(value) if isinstance(value, list) else value


class PayerNumberForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    number = forms.CharField(label="Payer's claim number", max_length=50)


class OtherPayerForm(ReasonForm):
    coverage = forms.ModelChoiceField(Coverage.objects.none(), label="Bill", empty_label=None)

    def __init__(self, *args: Any, coverages: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["coverage"].queryset = coverages  # type: ignore[attr-defined]


class StepForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    step = forms.ChoiceField(label="Next step", choices=Denial.Step.choices)
    due_on = forms.DateField(label="Due", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    note = forms.CharField(label="What you found out", max_length=300, required=False)


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.none(), label="Assign to", empty_label=None)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    note = forms.CharField(label="What the appeal argues, and how it was sent", max_length=300)


class AssignClaimForm(forms.Form):
    claim = forms.UUIDField()


class DepositForm(forms.Form):
    on = forms.DateField(
        label="Booked by the bank on", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class RemittanceFileForm(forms.Form):
    file = forms.FileField(label="File with an 835")


class ReportForm(forms.Form):
    first = forms.DateField(
        label="From", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "in"})
    )
    last = forms.DateField(label="to", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "in"}))

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("first") and said.get("last") and said["first"] > said["last"]:
            raise forms.ValidationError("The first day lies after the last.")
        return said
