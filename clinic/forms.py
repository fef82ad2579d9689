"""Shapes of what is typed about a patient. What may happen at all is asked of the services."""

from typing import Any

from django import forms

from clinic.models import Guarantor, Patient, Sex
from clinic.queries import find_guarantors
from clinic.services.patients import PATIENT_FIELDS, SELF, digits
from clinic.validators import validate_zip
from x12.codes.coverage import RELATIONSHIPS
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
        return _state(self.cleaned_data["state"])

    def clean_phone(self) -> str:
        return _phone(self.cleaned_data["phone"])

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


class GuarantorForm(forms.Form):
    """Who answers for the bill: the patient, somebody on file, somebody new. Stands beside `PatientForm`."""

    PATIENT, ON_FILE, NEW = "patient", "on_file", "new"
    RELATED = ("19", "01", "53", "34", "G8", "21")
    OWN_FIELDS = (
        "first_name", "last_name", "line1", "line2", "city", "state", "zip_code", "phone", "email",
    )  # fmt: skip

    guarantor = forms.ChoiceField(
        label="Who answers for the bill", widget=forms.RadioSelect, initial=PATIENT, required=False,
        choices=[(PATIENT, "The patient"), (ON_FILE, "Somebody on file"), (NEW, "Somebody new")],
    )  # fmt: skip
    guarantor_relationship = forms.ChoiceField(
        label="The patient is the guarantor's", required=False,
        choices=[("", "Choose"), *((code, RELATIONSHIPS[code].lower()) for code in RELATED)],
    )  # fmt: skip
    guarantor_search = forms.CharField(
        label="Guarantor's name, number or phone", max_length=80, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    guarantor_id = forms.ModelChoiceField(Guarantor.objects.all(), required=False, widget=forms.HiddenInput)
    guarantor_first_name = forms.CharField(label="Guarantor's first name", max_length=35, required=False)
    guarantor_last_name = forms.CharField(label="Guarantor's last name", max_length=60, required=False)
    guarantor_line1 = forms.CharField(label="Guarantor's street", max_length=55, required=False)
    guarantor_line2 = forms.CharField(label="Guarantor's apartment, suite", max_length=55, required=False)
    guarantor_city = forms.CharField(label="Guarantor's city", max_length=30, required=False)
    guarantor_state = forms.CharField(label="Guarantor's state", max_length=2, required=False)
    guarantor_zip_code = forms.CharField(
        label="Guarantor's ZIP code", max_length=10, required=False, validators=[validate_zip]
    )
    guarantor_phone = forms.CharField(
        label="Guarantor's phone", max_length=20, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    guarantor_email = forms.EmailField(label="Guarantor's e-mail", required=False)

    def __init__(self, *args: Any, patient: Patient | None = None, **kwargs: Any) -> None:
        self.candidates: list[Guarantor] = []
        if patient is not None and patient.guarantor_relationship != SELF:
            start = {
                "guarantor": self.ON_FILE, "guarantor_relationship": patient.guarantor_relationship,
                "guarantor_search": patient.guarantor.number, "guarantor_id": patient.guarantor_id,
            }  # fmt: skip
            kwargs.setdefault("initial", start)
            self.candidates = [patient.guarantor]
        super().__init__(*args, **kwargs)
        code = patient.guarantor_relationship if patient is not None else ""
        if code in RELATIONSHIPS and code not in (SELF, *self.RELATED):
            self.fields["guarantor_relationship"].choices.append((code, RELATIONSHIPS[code].lower()))  # type: ignore[attr-defined]

    def clean_guarantor_state(self) -> str:
        return _state(self.cleaned_data["guarantor_state"])

    def clean_guarantor_phone(self) -> str:
        return _phone(self.cleaned_data["guarantor_phone"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("guarantor") == self.ON_FILE:
            said["guarantor_id"] = self._on_file(said)
        if said.get("guarantor") in (self.ON_FILE, self.NEW) and not said.get("guarantor_relationship"):
            self.add_error("guarantor_relationship", "Say what the patient is to the guarantor, for example child.")
        return said

    def _on_file(self, said: dict[str, Any]) -> Guarantor | None:
        """The one that was chosen; else the only one that fits what was typed."""
        chosen: Guarantor | None = said.get("guarantor_id")
        if chosen is not None:
            self.candidates = [chosen]
            return chosen
        self.candidates = list(find_guarantors(said.get("guarantor_search", ""), limit=10))
        if len(self.candidates) == 1:
            return self.candidates[0]
        sentence = (
            "Several fit. Choose one of them." if self.candidates
            else "No guarantor fits. Type the name or the number, or choose Somebody new."
        )  # fmt: skip
        self.add_error("guarantor_search", sentence)
        return None

    def for_service(self) -> dict[str, Any]:
        """What `register_patient` and `update_patient` take of it."""
        said = self.cleaned_data
        if said["guarantor"] == self.ON_FILE:
            return {"guarantor": said["guarantor_id"]}
        if said["guarantor"] == self.NEW:
            return {"new_guarantor": {name: said[f"guarantor_{name}"] for name in self.OWN_FIELDS}}
        return {}

    def relationship(self) -> dict[str, str]:
        """The field of the patient that goes with it; nothing when nothing was chosen."""
        said = self.cleaned_data
        if not said["guarantor"]:
            return {}
        is_other = said["guarantor"] in (self.ON_FILE, self.NEW)
        return {"guarantor_relationship": said["guarantor_relationship"] if is_other else SELF}


def _state(typed: str) -> str:
    state = typed.upper()
    if state and state not in STATES:
        raise forms.ValidationError(f"There is no state {state}. Enter its two letters, for example IL.")
    return state


def _phone(typed: str) -> str:
    if typed and len(digits(typed)) != 10:
        raise forms.ValidationError("A phone number has ten digits.")
    return typed
