"""The 999's table (005010X231A1). Public facts in our own notation."""

from typing import Final

from ..guide import guide, loop, seg
from .model import ELEMENT_FAULTS, SEGMENT_FAULTS, SET_FAULTS

_CONTEXT: Final = seg(
    "CTX", "S", 0,
    ("R*10", "R AN 1-35", "S AN 1-35"), "S AN 2-3", "S N 1-10", "S AN 1-4", ("S", "R N 1-2", "S N 1-2", "S N 1-4"),
    ("S", "R AN 1-4", "S AN 1-4"),
)  # fmt: skip
_MORE_ERRORS: Final = [f"S ID {' '.join(SET_FAULTS)}"] * 5

GUIDE: Final = guide(
    "005010X231A1",
    seg("AK1", "R", 1, "R ID 2-2", "R AN 1-9", "S AN 1-12"),
    loop(
        "2000", "S", 0,
        seg("AK2", "R", 1, "R ID 3-3", "R AN 4-9", "S AN 1-35"),
        loop(
            "2100", "S", 0,
            seg("IK3", "R", 1, "R AN 2-3", "R N 1-10", "S AN 1-4", f"R ID {' '.join(SEGMENT_FAULTS)}"),
            _CONTEXT,
            loop(
                "2110", "S", 0,
                seg("IK4", "R", 1, ("R", "R N 1-2", "S N 1-2", "S N 1-4"), "S N 1-4",
                    f"R ID {' '.join(ELEMENT_FAULTS)}", "S AN 1-99"),
                _CONTEXT,
            ),
        ),
        seg("IK5", "R", 1, "R ID A E M R W X", *_MORE_ERRORS),
    ),
    seg("AK9", "R", 1, "R ID A E M P R W X", "R N 1-6", "R N 1-6", "R N 1-6", *["S AN 1-3"] * 5),
    sent_to_us=True,
)  # fmt: skip
