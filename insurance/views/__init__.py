"""Insurance's pages and panels."""

from insurance.views.authorizations import (
    authorization_add,
    authorization_answer,
    authorization_cancel,
    authorization_refused,
    authorizations_panel,
)
from insurance.views.coverages import (
    appointment_panel,
    check_in_panel,
    coverage_add,
    coverage_edit,
    coverage_end,
    coverage_first,
    eligibility,
    patient_panel,
    verify_now,
)
from insurance.views.worklists import home_panel, worklist

__all__ = [
    "appointment_panel", "authorization_add", "authorization_answer", "authorization_cancel", "authorization_refused",
    "authorizations_panel", "check_in_panel", "coverage_add", "coverage_edit", "coverage_end", "coverage_first",
    "eligibility", "home_panel", "patient_panel", "verify_now", "worklist",
]  # fmt: skip
