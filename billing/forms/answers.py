"""Shapes of what billers type about payers' answers: corrections, decisions on denials, checks. Services decide."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from billing.forms.charges import ReasonForm, WordsField, line_fields
from billing.models import Denial
from clinic.models import Claim, ClaimLine, Coverage, Payer, Provider, User
from clinic.money import dollars


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
            for name, field in line_fields().items():
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


class RecordsForm(forms.Form):
    note = forms.CharField(label="What was sent, and how", max_length=300)
    until = forms.DateField(
        label="The payer should have answered by", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class AssignClaimForm(forms.Form):
    """One of the claims shown, or another by its number."""

    claim = forms.UUIDField(required=False)
    number = forms.CharField(label="Another claim, by its number", max_length=20, required=False)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not said.get("claim") and not said.get("number"):
            raise forms.ValidationError("Choose one of the claims, or enter its number.")
        return said


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
