"""Somebody was first: what stands there now beside what was typed, so that a person can decide and send again."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import HttpRequest

from clinic.errors import Conflict


@dataclass(frozen=True, slots=True)
class Differs:
    what: str
    before: str  # as it stands now
    now: str  # as typed


def differences(request: HttpRequest, form: forms.BaseForm, version: int) -> list[Differs]:
    """Only after a 409; the form then names the version that was looked at now, so that it can be sent again."""
    if not isinstance(getattr(request, "refusal", None), Conflict) or not form.is_bound:
        return []
    typed = getattr(form, "cleaned_data", {})
    data: Any = form.data.copy()  # type: ignore[attr-defined]
    data["version"] = str(version)
    form.data = data
    found = []
    for bound in form.visible_fields():
        stands, wanted = _stands(bound), _typed(bound, typed)
        if bound.name in typed and stands != wanted:
            found.append(Differs(str(bound.label), stands or "–", wanted or "–"))
    return found


def _stands(bound: BoundField) -> str:
    if isinstance(bound.field, forms.ModelChoiceField) and bound.initial:
        return _words(bound.field.to_python(bound.initial))
    return _words(bound.initial)


def _typed(bound: BoundField, typed: dict[str, Any]) -> str:
    """As it was written: letters for diagnoses stay letters."""
    is_choice = isinstance(bound.field, forms.ModelChoiceField)
    return _words(typed.get(bound.name) if is_choice else bound.data).strip()


def _words(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(str(each) for each in value)
    return "" if value is None else str(value)
