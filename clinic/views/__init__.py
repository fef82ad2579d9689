"""The pages of the shared record: start, patients, and what the machine does by itself."""

from clinic.views.api_pages import api_operations
from clinic.views.errors import broken, not_found, refused, stale_form
from clinic.views.health import healthz, readyz
from clinic.views.history import audit_log, patient_changes_page, patient_history
from clinic.views.home import home, own_settings
from clinic.views.machinery import outbox, outbox_message, work, work_retry
from clinic.views.patients import (
    guarantor_find,
    patient,
    patient_edit,
    patient_find,
    patient_merge,
    patient_register,
    patient_search,
)

__all__ = [
    "api_operations", "audit_log", "broken", "guarantor_find", "healthz", "home", "not_found", "outbox", "outbox_message", "own_settings", "patient",
    "patient_changes_page", "patient_edit", "patient_find", "patient_history", "patient_merge", "patient_register", "patient_search", "readyz", "refused", "stale_form",
    "work", "work_retry",
]  # fmt: skip
