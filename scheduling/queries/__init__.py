"""Free slots, the day sheet, a patient's appointments."""

from scheduling.queries.lists import awaiting_no_show, of_patient
from scheduling.queries.sheet import Block, Closed, Column, DaySheet, Flag, day_sheet, register_flags
from scheduling.queries.slots import Slot, free_time, next_free_slots, why_not_open

__all__ = [
    "Block",
    "Closed",
    "Column",
    "DaySheet",
    "Flag",
    "Slot",
    "awaiting_no_show",
    "day_sheet",
    "free_time",
    "next_free_slots",
    "of_patient",
    "register_flags",
    "why_not_open",
]
