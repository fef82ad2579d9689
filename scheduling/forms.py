"""Shapes of what the desk types. Whether it may happen is asked of the services."""

from datetime import datetime
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404

from clinic import clock
from clinic.models import Location, Provider
from scheduling.models import Appointment, AppointmentType, Closure, Schedule
from scheduling.queries import read_slot

DATE_INPUT = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
TIME_INPUT = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
DATE_FORMATS = ["%Y-%m-%d", "%m/%d/%Y"]


def our_providers() -> Any:
    return Provider.objects.filter(is_ours=True, is_active=True)


def _choose(form: forms.BaseForm, name: str, among: Any) -> None:
    field: Any = form.fields[name]
    field.queryset = among


class SlotSearchForm(forms.Form):
    """Which kind of visit, with whom, from when: what a list of free slots is made from. Sent by GET: no names in it."""

    appointment_type = forms.ModelChoiceField(AppointmentType.objects.none(), label="Kind of visit", empty_label=None)
    provider = forms.ModelChoiceField(Provider.objects.none(), label="Provider", required=False, empty_label="Anybody")
    after = forms.DateField(label="From", required=False, widget=DATE_INPUT, input_formats=DATE_FORMATS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "appointment_type", AppointmentType.objects.filter(is_active=True))
        _choose(self, "provider", our_providers())


class SlotForm(forms.Form):
    """One slot: a listed one, or, for who may overbook, any provider and time with a reason."""

    slot = forms.CharField(widget=forms.HiddenInput, required=False, max_length=120)
    other_provider = forms.ModelChoiceField(
        Provider.objects.none(), label="Provider", required=False, empty_label="Choose"
    )
    other_day = forms.DateField(label="Day", required=False, widget=DATE_INPUT, input_formats=DATE_FORMATS)
    other_time = forms.TimeField(label="Time", required=False, widget=TIME_INPUT, input_formats=["%H:%M", "%I:%M %p"])
    overbook_reason = forms.CharField(label="Why on top of the plan", required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "other_provider", our_providers().exclude(location=None).select_related("location"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("other_provider") and said.get("other_day") and said.get("other_time"):
            provider = said["other_provider"]
            said["provider"], said["location"] = provider, provider.location
            said["start"] = clock.at_local(said["other_day"], said["other_time"], provider.location)
            if not said.get("overbook_reason"):
                self.add_error("overbook_reason", "Say why this time is booked on top of the plan.")
            return said
        try:
            provider_id, location_id, start = read_slot(said.get("slot", ""))
        except ValueError:
            raise forms.ValidationError("Choose a time.") from None
        said["provider"] = get_object_or_404(Provider.objects.select_related("location"), pk=provider_id)
        own: Location | None = said["provider"].location
        said["location"] = own if own and own.pk == location_id else get_object_or_404(Location, pk=location_id)
        said["start"] = start
        said["overbook_reason"] = ""
        return said

    @property
    def start(self) -> datetime:
        start: datetime = self.cleaned_data["start"]
        return start


class BookingForm(SlotForm):
    appointment_type = forms.ModelChoiceField(AppointmentType.objects.none(), widget=forms.HiddenInput)
    reason = forms.CharField(label="Reason for the visit", required=False, max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "appointment_type", AppointmentType.objects.filter(is_active=True))


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
        _choose(self, "provider", our_providers())

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
