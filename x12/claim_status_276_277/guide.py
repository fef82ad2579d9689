"""The tables of 276 and 277 (005010X212). Public facts in our own notation."""

from typing import Final

from ..guide import LoopRule, SegmentRule, guide, loop, seg

VERSION: Final = "005010X212"
REFERENCE: Final = "R AN 1-50"
STATUS: Final = ("R AN 1-30", "R AN 1-30", "S ID 2-3", "S ID RX")
MORE_STATUS: Final = ("S", *STATUS)
PROCEDURE_KINDS: Final = "AD ER HC HP IV N4 NU WK"
ASKED_NUMBERS: Final = "1K BLT LU 6P EJ XZ D9"
TOLD_NUMBERS: Final = "1K BLT EJ XZ VV"

LEVELS: Final = {"21": "20", "19": "21", "22": "19", "23": "22"}
"""HL03 of each level, and of the one it belongs to."""


def _level(name: str, usage: str, above: str, code: str, below: str, *children: SegmentRule | LoopRule) -> LoopRule:
    return loop(name, usage, 0, seg("HL", "R", 1, "R N 1-12", above, f"R ID {code}", below), *children)


def _name(code: str, kinds: str, ids: str, *, name: str = "R", suffix: str = "N", id_usage: str = "R") -> SegmentRule:
    given = ("N", "N") if kinds == "2" else ("S AN 1-35", "S AN 1-25")
    number = (f"{id_usage} ID {ids}", f"{id_usage} AN 2-80") if ids else ("N", "N")
    return seg("NM1", "R", 1, f"R ID {code}", f"R ID {kinds}", f"{name} AN 1-60", *given, "N", suffix, *number)


def _trace(kind: str) -> SegmentRule:
    return seg("TRN", "R", 1, f"R ID {kind}", REFERENCE)


def _service(usage: str) -> SegmentRule:
    return seg("DTP", usage, 1, "R ID 472", "R ID D8 RD8", "R AN 8-17")


def _numbers(codes: str) -> tuple[SegmentRule, ...]:
    return tuple(seg("REF", "S", 1, f"R ID {code}", REFERENCE) for code in codes.split())


def _line(name: str, paid: str, *told: SegmentRule) -> LoopRule:
    procedure = ("R", f"R ID {PROCEDURE_KINDS}", "R AN 1-48", *["S AN 2-2"] * 4)
    return loop(
        name, "S", 0,
        seg("SVC", "R", 1, procedure, "R M", paid, "S AN 1-48", "N", "N", "S R 1-15"),
        *told, *_numbers("FJ"), _service("R"),
    )  # fmt: skip


def _birth(usage: str) -> SegmentRule:
    return seg("DMG", usage, 1, "R ID D8", "R DT", "S ID F M")


def _asked(name: str, usage: str, line: str) -> LoopRule:
    """2200 of the 276: one claim asked about."""
    return loop(
        name, usage, 0, _trace("1"), *_numbers(ASKED_NUMBERS), seg("AMT", "S", 1, "R ID T3", "R M"), _service("S"),
        _line(line, "N"),
    )  # fmt: skip


def _status_alone() -> SegmentRule:
    """STC without money: of a line, or above the claim, where it says why nothing is told of what lies below."""
    return seg("STC", "R", 0, ("R", *STATUS), "R DT", *["N"] * 7, MORE_STATUS, MORE_STATUS)


def _status() -> SegmentRule:
    """STC of a claim: status, since when, charge, payment, when and by which check."""
    return seg(
        "STC", "R", 0, ("R", *STATUS), "R DT", "N", "S M", "S M", "S DT", "N", "S DT", "S AN 1-16", MORE_STATUS, MORE_STATUS,
    )  # fmt: skip


def _told(name: str, usage: str, line: str) -> LoopRule:
    """2200 of the 277: one claim answered for."""
    return loop(
        name, usage, 0, _trace("2"), _status(), *_numbers(TOLD_NUMBERS), seg("REF", "S", 3, "R ID D9", REFERENCE), _service("S"),
        _line(line, "R M", _status_alone()),
    )  # fmt: skip


INQUIRY: Final = guide(
    VERSION,
    seg("BHT", "R", 1, "R ID 0010", "R ID 13", "R AN 1-50", "R DT", "R TM"),
    _level(
        "2000A", "R", "N", "20", "R ID 1",
        loop("2100A", "R", 1, _name("PR", "2", "PI XV")),
        _level(
            "2000B", "R", "R N 1-12", "21", "R ID 1",
            loop("2100B", "R", 1, _name("41", "1 2", "46", name="S")),
            _level(
                "2000C", "R", "R N 1-12", "19", "R ID 1",
                loop("2100C", "R", 2, _name("1P", "1 2", "FI SV XX", name="S", suffix="S AN 1-10")),
                _level(
                    "2000D", "R", "R N 1-12", "22", "R ID 0 1",
                    _birth("S"),
                    loop("2100D", "R", 1, _name("IL", "1 2", "24 II MI", suffix="S AN 1-10")),
                    _asked("2200D", "S", "2210D"),
                    _level(
                        "2000E", "S", "R N 1-12", "23", "S ID 0",
                        _birth("R"),
                        loop("2100E", "R", 1, _name("QC", "1", "", suffix="S AN 1-10")),
                        _asked("2200E", "R", "2210E"),
                    ),
                ),
            ),
        ),
    ),
)  # fmt: skip

RESPONSE: Final = guide(
    VERSION,
    seg("BHT", "R", 1, "R ID 0010", "R ID 08", "R AN 1-50", "R DT", "R TM", "R ID DG"),
    _level(
        "2000A", "R", "N", "20", "R ID 1",
        loop("2100A", "R", 1, _name("PR", "2", "PI XV"),
             seg("PER", "S", 1, "R ID IC", "S AN 1-60", "R ID ED EM FX TE", "R AN 1-256", "S ID ED EM EX FX TE", "S AN 1-256",
                 "S ID ED EM EX FX TE", "S AN 1-256", pairs=((5, 6), (7, 8)))),
        _level(
            "2000B", "R", "R N 1-12", "21", "R ID 0 1",
            loop("2100B", "R", 2, _name("41", "1 2", "46", name="S")),
            loop("2200B", "S", 1, _trace("2"), _status_alone()),
            _level(
                "2000C", "S", "R N 1-12", "19", "R ID 0 1",
                loop("2100C", "R", 2, _name("1P", "1 2", "FI SV XX", name="S", suffix="S AN 1-10")),
                loop("2200C", "S", 1, _trace("1"), _status_alone()),
                _level(
                    "2000D", "S", "R N 1-12", "22", "R ID 0 1",
                    loop("2100D", "R", 1, _name("IL", "1 2", "24 II MI", suffix="S AN 1-10")),
                    _told("2200D", "S", "2220D"),
                    _level(
                        "2000E", "S", "R N 1-12", "23", "S ID 0",
                        loop("2100E", "R", 1, _name("QC", "1", "", suffix="S AN 1-10")),
                        _told("2200E", "R", "2220E"),
                    ),
                ),
            ),
        ),
    ),
    sent_to_us=True,
)  # fmt: skip
