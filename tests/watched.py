"""A client that watches: whoever's name stands in an answer must stand in the audit."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from clinic.models import AuditEvent, Patient, User


class Watched(Client):
    """Give the patients unmistakable last names. `unaudited` fills with the paths that showed one without a
    word, `broken` with those that failed or hold a panel that did."""

    def __init__(self, user: User, patients: list[Patient]) -> None:
        super().__init__(raise_request_exception=False)
        self.force_login(user)
        self.patients = patients
        self.unaudited: list[str] = []
        self.shown: list[str] = []
        self.broken: list[str] = []

    def request(self, **request: Any) -> HttpResponse:
        last = AuditEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
        answer = super().request(**request)
        if getattr(answer, "streaming", False):
            return answer
        page = answer.content.decode(errors="replace")
        if answer.status_code >= 500 or "could not be drawn" in page:
            self.broken.append(request["PATH_INFO"])
        noted = set(AuditEvent.objects.filter(id__gt=last).values_list("patient_id", flat=True))
        for patient in self.patients:
            if patient.last_name in page:
                self.shown.append(request["PATH_INFO"])
                if patient.pk not in noted:
                    self.unaudited.append(request["PATH_INFO"])
        return answer
