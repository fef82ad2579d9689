"""Free slots, the day sheet, a patient's appointments."""

from scheduling.queries.layout import Block, Closed, Column, DaySheet, Entry, Flag
from scheduling.queries.lists import awaiting_no_show, of_patient
from scheduling.queries.sheet import day_sheet, register_flags
from scheduling.queries.slots import (
    Slot,
    free_time,
    next_free_slots,
    open_or_closed,
    read_slot,
    slot_value,
    why_not_open,
)
from scheduling.queries.week import week_sheet

__all__ = [
    "Block",
    "Closed",
    "Column",
    "DaySheet",
    "Entry",
    "Flag",
    "Slot",
    "awaiting_no_show",
    "day_sheet",
    "free_time",
    "next_free_slots",
    "of_patient",
    "open_or_closed",
    "read_slot",
    "register_flags",
    "slot_value",
    "week_sheet",
    "why_not_open",
]
