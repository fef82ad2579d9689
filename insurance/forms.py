"""Coverage and prior authorization forms: the shape of what is typed, no rules."""

from datetime import date
from typing import Any

from django import forms

from clinic.models import Coverage, Payer, Provider, Sex
from insurance.models import PriorAuthorization
from x12.codes.coverage import RELATIONSHIPS

ORDERS = ((1, "Primary"), (2, "Secondary"), (3, "Tertiary"), (4, "Fourth"))
DAY = forms.DateInput(attrs={"type": "date"})


USUAL = ("18", "01", "19")


def _usual_first() -> list[tuple[str, str]]:
    """Self, spouse and child before the rest of the code list."""
    return [(code, RELATIONSHIPS[code]) for code in (*USUAL, *(c for c in RELATIONSHIPS if c not in USUAL))]


class CoverageForm(forms.Form):
    payer = forms.ModelChoiceField(queryset=Payer.objects.none(), empty_label="Choose")
    member_id = forms.CharField(max_length=40, label="Member ID", help_text="As on the card.")
    order = forms.TypedChoiceField(choices=ORDERS, coerce=int, label="Order of benefits")
    starts_on = forms.DateField(widget=DAY, label="Covered from")
    ends_on = forms.DateField(widget=DAY, label="Covered to", required=False)
    group_number = forms.CharField(max_length=30, required=False)
    plan_name = forms.CharField(max_length=60, required=False)
    relationship = forms.ChoiceField(choices=_usual_first(), label="Patient is the subscriber's")
    subscriber_first_name = forms.CharField(max_length=35, required=False)
    subscriber_last_name = forms.CharField(max_length=60, required=False)
    subscriber_birth_date = forms.DateField(widget=DAY, required=False)
    subscriber_sex = forms.ChoiceField(choices=Sex.choices, required=False, initial=Sex.UNKNOWN)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, coverage: Coverage | None = None, **kwargs: Any) -> None:
        if coverage is not None:
            names = [n for n in self.base_fields if hasattr(coverage, n)]
            kwargs.setdefault("initial", {n: getattr(coverage, n) for n in names})
        super().__init__(*args, **kwargs)
        self.fields["payer"].queryset = Payer.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["relationship"].initial = self.fields["relationship"].initial or "18"
        if coverage is not None:
            del self.fields["payer"], self.fields["order"]

    def details(self) -> dict[str, Any]:
        """What the service takes besides payer, member id, order and dates."""
        skip = {"payer", "member_id", "order", "version"}
        values = {k: v for k, v in self.cleaned_data.items() if k not in skip}
        values["subscriber_sex"] = values.get("subscriber_sex") or Sex.UNKNOWN
        return values

    def diff(self, fresh: Coverage) -> list[dict[str, Any]]:
        """What stands on file now, and what was typed, where they differ."""
        typed = {**self.details(), "member_id": "".join(self.cleaned_data["member_id"].split()).upper()}
        return [
            {
                "label": self.fields[name].label or name.replace("_", " ").capitalize(),
                "theirs": _word(self.fields[name], getattr(fresh, name)),
                "yours": _word(self.fields[name], value),
            }
            for name, value in typed.items()
            if (getattr(fresh, name) or None) != (value or None)
        ]

    def on_top_of(self, fresh: Coverage) -> "CoverageForm":
        """The same input, ready to be sent again over the policy as it is now."""
        data = {name: self.data[name] for name in self.data}
        data["version"] = str(fresh.version)
        return CoverageForm(data, coverage=fresh)


def _word(field: forms.Field, value: Any) -> str:
    choices = dict(getattr(field, "choices", ()))
    if isinstance(value, date):
        return f"{value:%m/%d/%Y}"
    return str(choices.get(value, value) or "")


class EndCoverageForm(forms.Form):
    ends_on = forms.DateField(widget=DAY, label="Last day of cover")
    reason = forms.CharField(max_length=120, label="Why it ends")


class AuthorizationForm(forms.Form):
    coverage = forms.ModelChoiceField(queryset=Coverage.objects.none(), label="Coverage", empty_label="Choose")
    number = forms.CharField(max_length=50, label="Authorization number", required=False,
                             help_text="Leave empty when the payer was asked but has not answered.")  # fmt: skip
    codes = forms.CharField(max_length=120, label="Procedure codes", help_text="Separated by spaces.")
    units = forms.IntegerField(min_value=1, max_value=9999, initial=1)
    starts_on = forms.DateField(widget=DAY, label="From", required=False)
    ends_on = forms.DateField(widget=DAY, label="To", required=False)
    provider = forms.ModelChoiceField(queryset=Provider.objects.none(), required=False, empty_label="Any of ours")
    note = forms.CharField(max_length=300, required=False)

    def __init__(
        self, *args: Any, coverages: Any = None, asked: PriorAuthorization | None = None, **kwargs: Any
    ) -> None:
        if asked is not None:
            kwargs.setdefault(
                "initial",
                {"coverage": asked.coverage_id, "codes": " ".join(asked.codes), "units": asked.units,
                 "provider": asked.provider_id},
            )  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["coverage"].queryset = coverages  # type: ignore[attr-defined]
        self.fields["provider"].queryset = Provider.objects.filter(is_ours=True, is_active=True)  # type: ignore[attr-defined]
        if asked is not None:
            self.fields["number"].required = True

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("number") and not (values.get("starts_on") and values.get("ends_on")):
            self.add_error("starts_on", "An approval has a first and a last day.")
        return values


class DenialForm(forms.Form):
    reason = forms.CharField(max_length=300, label="Why the payer refused")
