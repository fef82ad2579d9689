"""Shapes of what the desk types. Whether it may happen is asked of the services."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.db import models
from django.http import Http404

from clinic import clock
from clinic.bulk import by_keys
from clinic.models import Location, Patient, Provider
from scheduling.models import Appointment, AppointmentType, Closure, Schedule
from scheduling.queries import read_slot

DATE_INPUT = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
TIME_INPUT = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
DATE_FORMATS = ["%Y-%m-%d", "%m/%d/%Y"]


def our_providers() -> Any:
    return Provider.objects.filter(is_ours=True, is_active=True)


OUR_TYPES = AppointmentType.objects.filter(is_active=True)
"""Asked anew by every form (Django copies a field's query with the form), built once."""


class AlwaysChosen(forms.Select):
    """One of its options is always chosen: it need not say `required`, for which Django asks for all of them again."""

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class SlotSearchForm(forms.Form):
    """Which kind of visit, with whom, from when: what a list of free slots is made from. Sent by GET: no names in it."""

    appointment_type = forms.ModelChoiceField(OUR_TYPES, label="Kind of visit", empty_label=None, widget=AlwaysChosen)
    provider = forms.ModelChoiceField(
        our_providers().select_related("location"), label="Provider", required=False, empty_label="Anybody"
    )
    after = forms.DateField(label="From", required=False, widget=DATE_INPUT, input_formats=DATE_FORMATS)


class SlotForm(forms.Form):
    """One slot: a listed one, or, for who may overbook, any provider and time with a reason."""

    slot = forms.CharField(widget=forms.HiddenInput, required=False, max_length=120)
    other_provider = forms.ModelChoiceField(
        our_providers().exclude(location=None).select_related("location"),
        label="Provider", required=False, empty_label="Choose",
    )  # fmt: skip
    other_day = forms.DateField(label="Day", required=False, widget=DATE_INPUT, input_formats=DATE_FORMATS)
    other_time = forms.TimeField(label="Time", required=False, widget=TIME_INPUT, input_formats=["%H:%M", "%I:%M %p"])
    overbook_reason = forms.CharField(label="Why on top of the plan", required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("other_provider") and said.get("other_day") and said.get("other_time"):
            provider = said["other_provider"]
            said["provider"], said["location"] = provider, provider.location
            self._find(said)
            said["start"] = clock.at_local(said["other_day"], said["other_time"], provider.location)
            if not said.get("overbook_reason"):
                self.add_error("overbook_reason", "Say why this time is booked on top of the plan.")
            return said
        try:
            provider_id, location_id, start = read_slot(said.get("slot", ""))
        except ValueError:
            raise forms.ValidationError("Choose a time.") from None
        provider, location = self._find(said, (Provider, provider_id), (Location, location_id))
        if provider is None or location is None:
            raise Http404
        said["provider"], said["location"] = provider, location
        said["start"] = start
        said["overbook_reason"] = ""
        return said

    def _find(self, said: dict[str, Any], *wanted: tuple[type[models.Model], uuid.UUID]) -> tuple[Any, ...]:
        """The rows with these keys, and what else the form names, in one query."""
        return by_keys(*wanted) if wanted else ()

    @property
    def start(self) -> datetime:
        start: datetime = self.cleaned_data["start"]
        return start


class BookingForm(SlotForm):
    appointment_type = forms.UUIDField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(label="Reason for the visit", required=False, max_length=120)

    def __init__(self, *args: Any, patient_id: uuid.UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._patient_id = patient_id

    def _find(self, said: dict[str, Any], *wanted: tuple[type[models.Model], uuid.UUID]) -> tuple[Any, ...]:
        kind_id = said.get("appointment_type")
        *found, patient, kind = by_keys(*wanted, (Patient, self._patient_id), (AppointmentType, kind_id))
        if patient is None:
            raise Http404
        said["patient"], said["appointment_type"] = patient, kind
        if kind is None or not kind.is_active:
            self.add_error(None, "This kind of visit is not offered. Choose another one.")
        return tuple(found)


class MoveForm(SlotForm):
    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Why it is moved", required=False, max_length=200)


class CancelForm(forms.Form):
    by_whom = forms.ChoiceField(
        label="Who cancels", choices=Appointment.CancelledBy.choices, widget=forms.RadioSelect, initial="patient"
    )
    reason = forms.CharField(label="Why", max_length=200)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=200)


class HoursForm(forms.ModelForm):
    class Meta:
        model = Schedule
        fields = ["location", "weekday", "opens_at", "closes_at", "starts_on", "ends_on"]
        widgets = {"opens_at": TIME_INPUT, "closes_at": TIME_INPUT, "starts_on": DATE_INPUT, "ends_on": DATE_INPUT}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        _in_order(self, said)
        return said


class ClosureForm(forms.ModelForm):
    class Meta:
        model = Closure
        fields = ["location", "provider", "kind", "title", "starts_on", "ends_on", "weekday", "opens_at", "closes_at"]
        widgets = HoursForm.Meta.widgets
        help_texts = {
            "provider": "Nobody named: the location is closed for everybody.",
            "ends_on": "Empty: for good.",
            "opens_at": "No times: whole days.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among: Any = self.fields["provider"]
        among.queryset = our_providers()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        _in_order(self, said)
        if bool(said.get("opens_at")) != bool(said.get("closes_at")):
            self.add_error("closes_at", "Give both times, or none for whole days.")
        return said


def _in_order(form: forms.BaseForm, said: dict[str, Any]) -> None:
    for first, last, sentence in (
        ("opens_at", "closes_at", "The end lies before the beginning."),
        ("starts_on", "ends_on", "The last day lies before the first."),
    ):
        if said.get(first) and said.get(last) and said[last] < said[first]:
            form.add_error(last, sentence)
    if said.get("opens_at") and said.get("opens_at") == said.get("closes_at"):
        form.add_error("closes_at", "The end lies before the beginning.")
