"""Shapes of what billers and clinicians type: charges, diagnoses, reasons. What is allowed is the services' to say."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField

from clinic.models import ChargeItem, Claim, Provider

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


def line_fields() -> dict[str, forms.Field]:
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
            for name, field in line_fields().items():
                said = {
                    "class": "in",
                    "size": SIZES[name],
                    "aria-label": f"{field.label}, line {n}",
                    "autocomplete": "off",
                }
                field.widget.attrs.update(said)
                self.fields[f"{name}_{n}"] = field

    def heads(self) -> list[str]:
        return [str(field.label) for field in line_fields().values()]

    def rows(self) -> Iterator[tuple[int, list[BoundField]]]:
        for n in range(1, LINES + 1):
            yield n, [self[f"{name}_{n}"] for name in LINE_FIELDS]

    def clean(self) -> dict[str, Any]:
        """A line without its code is not passed over when something else stands in it."""
        said: dict[str, Any] = super().clean() or {}
        for n in range(1, LINES + 1):
            typed = [name for name in LINE_FIELDS if self.data.get(self.add_prefix(f"{name}_{n}"), "").strip()]
            if typed and "code" not in typed:
                self.add_error(f"code_{n}", f"Line {n} has no code. Enter it, or empty the line.")
        return said

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
        for name, field in line_fields().items():
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

    version = forms.IntegerField(widget=forms.HiddenInput)
    referring_provider = forms.ModelChoiceField(
        Provider.objects.filter(is_active=True), required=False, empty_label="Nobody referred"
    )

    class Meta:
        model = Claim
        fields = ("place_of_service", "referring_provider", "prior_authorization_number", "clia_number")
        labels: ClassVar[dict[str, str]] = {"prior_authorization_number": "Authorization", "clia_number": "CLIA number"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
