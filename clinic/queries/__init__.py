"""What the shared record is asked."""

from clinic.queries.actors import names_of
from clinic.queries.history import FieldChange, RowChange, changes_of, patient_changes, who_changed_since
from clinic.queries.patients import LIMIT, Wanted, find_guarantors, find_patients, has_visits_on, read_search

__all__ = [
    "LIMIT", "FieldChange", "RowChange", "Wanted", "changes_of", "find_guarantors", "find_patients", "has_visits_on", "names_of", "patient_changes", "read_search",
    "who_changed_since",
]  # fmt: skip
