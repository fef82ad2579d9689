"""What is due at the desk, the flow board, what to fix before somebody comes."""

from checkin.queries.board import Board, Card, Stage, flow_board
from checkin.queries.due import DeskDue, due_at_desk
from checkin.queries.facts import flags_of, forms_needed, last_confirmed, to_fix, visit_of

__all__ = [
    "Board",
    "Card",
    "DeskDue",
    "Stage",
    "due_at_desk",
    "flags_of",
    "flow_board",
    "forms_needed",
    "last_confirmed",
    "to_fix",
    "visit_of",
]
