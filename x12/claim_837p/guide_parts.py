"""Lines of the 837P's table that stand at several places."""

from typing import Final

from ..guide import SegmentRule, seg

REFERENCE: Final = "R AN 1-50"
PROCEDURE: Final = ("R AN 1-48", "S AN 2-2", "S AN 2-2", "S AN 2-2", "S AN 2-2", "S AN 1-80")

_STREET: Final = ("R AN 1-55", "S AN 1-55")
_CITY: Final = ("R AN 2-30", "S ID 2-2", "S ID 3-15", "S ID 2-3", "N", "N", "S ID 1-3")
ADDRESS: Final = (seg("N3", "R", 1, *_STREET), seg("N4", "R", 1, *_CITY))
MAYBE_ADDRESS: Final = (seg("N3", "S", 1, *_STREET), seg("N4", "S", 1, *_CITY))
CONTACT: Final = seg(
    "PER", "S", 1, "R ID IC", "S AN 1-60", "R ID TE", "R AN 1-256", "S ID EX", "S AN 1-256", pairs=((5, 6),)
)

_MORE: Final = ("S ID 1-5", "S M", "S R 1-15")
ADJUSTMENT: Final = seg(
    "CAS", "S", 5, "R ID CO CR OA PI PR", "R ID 1-5", "R M", "S R 1-15", *_MORE * 5,
    pairs=((5, 6), (8, 9), (11, 12), (14, 15), (17, 18)),
)  # fmt: skip
ATTACHMENT: Final = seg("PWK", "S", 10, "R ID 2-2", "R ID AA BM EL EM FT FX", "N", "N", "S ID AC", "S AN 2-80")
CONTRACT: Final = seg("CN1", "S", 1, "R ID 01 02 03 04 05 06 09", "S M", "S R 1-6", "S AN 1-50", "S R 1-6", "S AN 1-30")
FILE_INFORMATION: Final = seg("K3", "S", 10, "R AN 1-80")
TRANSPORT: Final = seg(
    "CR1", "S", 1, "S ID LB", "S R 1-10", "N", "R ID A B C D E", "R ID DH", "R R 1-15", "N", "N", "S AN 1-80", "S AN 1-80",
    pairs=((1, 2),),
)  # fmt: skip
PRICING: Final = seg(
    "HCP", "S", 1, "R ID 00 01 02 03 04 05 06 07 08 09 10 11 12 13 14", "R M", "S M", "S AN 1-50", "S R 1-9", "S AN 1-50",
    "S M", "N", "S ID ER HC IV WK", "S AN 1-48", "S ID MJ UN", "S R 1-15", "S ID T1 T2 T3 T4 T5 T6", "S ID 1 2 3 4 5",
    "S ID 1 2 3 4 5 6",
)  # fmt: skip


def person(code: str, kinds: str, ids: str, *, id_usage: str = "S", name_usage: str = "R") -> SegmentRule:
    """NM1: who in which role, with a number of these kinds. Of a role that is only named nothing else is used."""
    if name_usage == "N":
        return seg("NM1", "R", 1, f"R ID {code}", f"R ID {kinds}", *["N"] * 7)
    single = kinds == "2"
    given = "N" if single else "S AN 1-35"
    return seg(
        "NM1", "R", 1, f"R ID {code}", f"R ID {kinds}", f"{name_usage} AN 1-60", given, "N" if single else "S AN 1-25", "N",
        "N" if single or code == "41" else "S AN 1-10", f"{id_usage} ID {ids}" if ids else "N",
        f"{id_usage} AN 2-80" if ids else "N", pairs=((8, 9),) if ids else (),
    )  # fmt: skip


def numbered(codes: str, most: int = 1, *, usage: str = "S") -> SegmentRule:
    """REF: a number of one of these kinds."""
    return seg("REF", usage, most, f"R ID {codes}", REFERENCE)


def dated(codes: str, most: int = 1, *, usage: str = "S", form: str = "D8") -> SegmentRule:
    """DTP: a date, or with the form RD8 a period; whether the calendar has it is asked in `x12.common_rules`."""
    return seg("DTP", usage, most, f"R ID {codes}", f"R ID {form}", "R AN 8-17")


def condition(codes: str, most: int = 1) -> SegmentRule:
    """CRC: whether a certified condition holds."""
    return seg("CRC", "S", most, f"R ID {codes}", "R ID N Y", "R ID 2-3", *["S ID 2-3"] * 4)
