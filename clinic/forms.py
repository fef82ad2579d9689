"""Shapes of what is typed about a patient. What may happen at all is asked of the services."""

from typing import Any

from django import forms

from clinic.models import Patient, Sex
from clinic.services.patients import PATIENT_FIELDS, digits
from clinic.validators import validate_zip
from x12.codes.states import STATES


class SearchForm(forms.Form):
    q = forms.CharField(label="Name, birth date, phone or MRN", max_length=80)


class OwnSettingsForm(forms.Form):
    single_keys = forms.BooleanField(
        label="Single keys (c, m, j, k and so on) do things", required=False,
        help_text="Turn this off when you use speech input, or when keys are pressed by accident.",
    )  # fmt: skip


class MergeForm(forms.Form):
    into_mrn = forms.CharField(label="MRN of the record that stays", max_length=12)
    reason = forms.CharField(label="Why these are one person", max_length=200)
    approver = forms.CharField(label="Second person's user name", max_length=60)
    approver_password = forms.CharField(
        label="Second person's password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )


class PatientForm(forms.ModelForm):
    """Registration and demographics. Carries the `version` it was filled from."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    is_new_person = forms.BooleanField(label="This is another person", required=False)
    birth_date = forms.DateField(
        label="Birth date", widget=forms.DateInput(format="%m/%d/%Y", attrs={"placeholder": "MM/DD/YYYY"}),
        input_formats=["%m/%d/%Y", "%Y-%m-%d", "%m/%d/%y", "%m-%d-%Y", "%m.%d.%Y"],
    )  # fmt: skip
    sex = forms.ChoiceField(choices=[("", "Choose"), *Sex.choices])
    phone = forms.CharField(max_length=20, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    state = forms.CharField(max_length=2, required=False)
    zip_code = forms.CharField(label="ZIP code", max_length=10, required=False, validators=[validate_zip])

    class Meta:
        model = Patient
        fields = [
            "first_name", "middle_name", "last_name", "birth_date", "sex", "phone", "email", "line1", "line2", "city",
            "state", "zip_code", "text_consent", "email_consent", "emergency_contact", "is_self_pay",
            "restricts_disclosure", "is_qmb", "is_deceased",
        ]  # fmt: skip
        labels = {"line1": "Street", "line2": "Apartment, suite", "email": "E-mail"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = self.instance.version
        for name, widget in (("first_name", "given-name"), ("last_name", "family-name")):
            self.fields[name].widget.attrs["autocomplete"] = widget

    def clean_state(self) -> str:
        state = str(self.cleaned_data["state"]).upper()
        if state and state not in STATES:
            raise forms.ValidationError(f"There is no state {state}. Enter its two letters, for example IL.")
        return state

    def clean_phone(self) -> str:
        typed = str(self.cleaned_data["phone"])
        if typed and len(digits(typed)) != 10:
            raise forms.ValidationError("A phone number has ten digits.")
        return typed

    def version(self) -> int:
        return int(self.cleaned_data.get("seen_version") or 0)

    def fields_for_service(self) -> dict[str, Any]:
        return {k: v for k, v in self.cleaned_data.items() if k in PATIENT_FIELDS}

    def twins(self) -> list[Patient]:
        """Patients who may be the same person: same birth date and last name, or same birth date and phone."""
        said = self.cleaned_data
        same_day = Patient.objects.current().filter(birth_date=said["birth_date"])
        number = digits(said["phone"])
        return [
            p
            for p in same_day[:50]
            if p.last_name.casefold() == said["last_name"].casefold() or (number and p.phone_digits == number)
        ]

    def diff(self, fresh: Patient) -> list[dict[str, Any]]:
        """What stands in the record now, and what was typed, where they differ."""
        return [
            {"label": self.fields[name].label or name, "theirs": getattr(fresh, name), "yours": value}
            for name, value in self.fields_for_service().items()
            if getattr(fresh, name) != value
        ]

    def on_top_of(self, fresh: Patient) -> "PatientForm":
        """The same input, ready to be sent again over the record as it is now."""
        data = {name: self.data[name] for name in self.data}
        data["seen_version"] = str(fresh.version)
        return PatientForm(data, instance=fresh)
