"""Shapes of what billers and clinicians type."""

from billing.forms.answers import (
    AssignClaimForm,
    AssignForm,
    CorrectionForm,
    DenialFilterForm,
    DepositForm,
    NoteForm,
    OtherPayerForm,
    PayerNumberForm,
    RecordsForm,
    RemittanceFileForm,
    ReportForm,
    StepForm,
)
from billing.forms.charges import ChargeEntryForm, ChargeForm, ClaimForm, ReasonForm, ResendForm

__all__ = [
    "AssignClaimForm",
    "AssignForm",
    "ChargeEntryForm",
    "ChargeForm",
    "ClaimForm",
    "CorrectionForm",
    "DenialFilterForm",
    "DepositForm",
    "NoteForm",
    "OtherPayerForm",
    "PayerNumberForm",
    "ReasonForm",
    "RecordsForm",
    "RemittanceFileForm",
    "ReportForm",
    "ResendForm",
    "StepForm",
]
