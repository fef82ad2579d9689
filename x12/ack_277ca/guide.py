"""The 277CA's table (005010X214). Public facts in our own notation."""

from typing import Final

from ..guide import LoopRule, SegmentRule, guide, loop, seg

REFERENCE: Final = "R AN 1-50"
STATUS: Final = ("R AN 1-30", "R AN 1-30", "S ID 2-3")
MORE_STATUS: Final = ("S", *STATUS)


def _level(
    name: str, usage: str, most: int, above: str, code: str, below: str, *children: SegmentRule | LoopRule
) -> LoopRule:
    return loop(name, usage, most, seg("HL", "R", 1, "R N 1-12", above, f"R ID {code}", below), *children)


def _name(code: str, kinds: str, ids: str, *, suffix: str = "N") -> SegmentRule:
    given = "N" if kinds == "2" else "S AN 1-35"
    middle = "N" if kinds == "2" else "S AN 1-25"
    return seg(
        "NM1",
        "R",
        1,
        f"R ID {code}",
        f"R ID {kinds}",
        "R AN 1-60",
        given,
        middle,
        "N",
        suffix,
        f"R ID {ids}",
        "R AN 2-80",
    )


def _trace(kind: str) -> SegmentRule:
    return seg("TRN", "R", 1, f"R ID {kind}", REFERENCE)


def _status(usage: str, dated: str, actions: str, amount: str) -> SegmentRule:
    """STC: what became of it, up to three reasons, since when, and the charge it is about."""
    return seg(
        "STC", usage, 0, ("R", *STATUS), dated, f"R ID {actions}", amount, "N", "N", "N", "N", "N", MORE_STATUS, MORE_STATUS,
        "S AN 1-264",
    )  # fmt: skip


def _totals(accepted: str, rejected: str) -> tuple[SegmentRule, ...]:
    return (
        *(seg("QTY", "S", 1, f"R ID {code}", "R R 1-15") for code in (accepted, rejected)),
        *(seg("AMT", "S", 1, f"R ID {code}", "R M") for code in ("YU", "YY")),
    )


def _date(code: str, usage: str = "R", form: str = "D8") -> SegmentRule:
    return seg("DTP", usage, 1, f"R ID {code}", f"R ID {form}", "R AN 8-17")


LINE: Final = loop(
    "2220D", "S", 0,
    seg("SVC", "R", 1, ("R", "R ID AD ER HC HP IV NU WK", "R AN 1-48", *["S AN 2-2"] * 4), "R M", "N", "S AN 1-48", "N", "N",
        "S R 1-15"),
    _status("R", "N", "U", "N"),
    seg("REF", "R", 1, "R ID FJ", REFERENCE),
    seg("REF", "S", 1, "R ID XZ", REFERENCE),
    _date("472", "S", "D8 RD8"),
)  # fmt: skip

PATIENT: Final = _level(
    "2000D", "S", 0, "R N 1-12", "PT", "N",
    loop("2100D", "R", 1, _name("QC", "1", "II MI", suffix="S AN 1-10")),
    loop(
        "2200D", "R", 0, _trace("2"), _status("R", "R DT", "U WQ", "R M"),
        *(seg("REF", "S", 3, f"R ID {code}", REFERENCE) for code in ("1K", "D9", "BLT")),
        _date("472", form="D8 RD8"), LINE,
    ),
)  # fmt: skip

PROVIDER: Final = _level(
    "2000C", "S", 0, "R N 1-12", "19", "R ID 0 1",
    loop("2100C", "R", 0, _name("85", "1 2", "FI XX", suffix="S AN 1-10")),
    loop("2200C", "S", 1, _trace("1"), _status("S", "N", "U WQ", "R M"),
         seg("REF", "S", 3, "R ID 0B 1G G2 LU SY TJ", REFERENCE), *_totals("QA", "QC")),
    PATIENT,
)  # fmt: skip

RECEIVER: Final = _level(
    "2000B", "R", 1, "R N 1-12", "21", "R ID 0 1",
    loop("2100B", "R", 1, _name("41", "1 2", "46")),
    loop("2200B", "R", 1, _trace("2"), _status("R", "R DT", "U WQ", "R M"), *_totals("90", "AA")),
    PROVIDER,
)  # fmt: skip

GUIDE: Final = guide(
    "005010X214",
    seg("BHT", "R", 1, "R ID 0085", "R ID 08", "R AN 1-50", "R DT", "R TM", "R ID TH"),
    _level(
        "2000A", "R", 1, "N", "20", "R ID 1",
        loop("2100A", "R", 1, _name("AY PR", "2", "46 FI PI")),
        loop("2200A", "R", 1, _trace("1"), _date("050"), _date("009")),
        RECEIVER,
    ),
    sent_to_us=True,
)  # fmt: skip

LEVELS: Final = {"21": "20", "19": "21", "PT": "19"}
"""HL03 of each level, and of the one it belongs to."""
