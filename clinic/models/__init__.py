"""The shared record. One file a subject; callers write `from clinic.models import Patient`."""

from clinic.models.audit import AuditEvent, AuditSeal
from clinic.models.base import Record, Versioned, new_id
from clinic.models.change import ClaimChange, CoverageChange, FeeChange, PatientChange
from clinic.models.charge_item import ChargeItem
from clinic.models.claim import Claim, ClaimLine
from clinic.models.client import ApiClient, Device, token_digest
from clinic.models.counter import Counter, next_number
from clinic.models.coverage import Coverage
from clinic.models.document import Document
from clinic.models.event import Event
from clinic.models.fee_schedule import Fee, FeeSchedule
from clinic.models.hold import Hold
from clinic.models.message import Message
from clinic.models.once import JobRun, OnceToken, Tick
from clinic.models.patient import Guarantor, Patient, Sex
from clinic.models.payer import Payer
from clinic.models.practice import Location, Practice, Provider
from clinic.models.staff import Role, SessionActivity, User, WatchedSession
from clinic.models.status import HasStatus, StatusChange, record_first_statuses, record_status
from clinic.models.visit import Diagnosis, Visit

__all__ = [
    "ApiClient", "AuditEvent", "AuditSeal", "ChargeItem", "Claim", "ClaimChange", "ClaimLine", "Counter", "Coverage",
    "CoverageChange", "Device", "Diagnosis", "Document", "Event", "Fee", "FeeChange", "FeeSchedule", "Guarantor",
    "HasStatus", "Hold", "JobRun", "Location", "Message", "OnceToken", "Patient", "PatientChange", "Payer", "Practice",
    "Provider", "Record", "Role", "SessionActivity", "Sex", "StatusChange", "Tick", "User", "Versioned", "Visit",
    "WatchedSession", "new_id", "next_number", "record_first_statuses", "record_status", "token_digest",
]  # fmt: skip
