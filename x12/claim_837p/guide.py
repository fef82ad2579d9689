"""The 837P's table (005010X222A1): segments, order, repeats, codes and lengths. Public facts in our own notation."""

from typing import Final

from ..guide import LoopRule, SegmentRule, guide, loop, seg
from .guide_line import LINE
from .guide_parts import (
    ADDRESS,
    ADJUSTMENT,
    ATTACHMENT,
    CONTACT,
    CONTRACT,
    FILE_INFORMATION,
    MAYBE_ADDRESS,
    PRICING,
    REFERENCE,
    TRANSPORT,
    condition,
    dated,
    numbered,
    person,
)

PAYER_ORDER: Final = "A B C D E F G H P S T U"
RELATIONSHIPS: Final = "01 18 19 20 21 39 40 53 G8"
INSURANCE_TYPES: Final = "12 13 14 15 16 41 42 43 47"
FILING: Final = "11 12 13 14 15 16 17 AM BL CH CI DS FI HM LM MA MB MC OF TV VA WC ZZ"
DATES_OF_A_CLAIM: Final = "431 454 304 453 439 484 455 471 297 296 435 096 444 050"
PROVIDER_NUMBERS: Final = "0B 1G G2"
MORE_DIAGNOSES: Final = ("S", "R ID ABF BF", "R AN 1-30")
MORE_CONDITIONS: Final = ("S", "R ID BG", "R AN 1-30")


def _level(code: str, usage: str, above: str, below: str, *children: SegmentRule | LoopRule) -> LoopRule:
    """A loop that opens with its HL: `above` and `below` are the notation of HL02 and HL04."""
    name = {"20": "2000A", "22": "2000B", "23": "2000C"}[code]
    return loop(name, usage, 0, seg("HL", "R", 1, "R N 1-12", above, f"R ID {code}", f"R ID {below}"), *children)


DIAGNOSES: Final = (
    seg("HI", "R", 1, ("R", "R ID ABK BK", "R AN 1-30"), *[MORE_DIAGNOSES] * 11),
    seg("HI", "S", 1, ("R", "R ID BP", "R AN 1-30"), ("S", "R ID BO", "R AN 1-30")),
    seg("HI", "S", 2, ("R", "R ID BG", "R AN 1-30"), *[MORE_CONDITIONS] * 11),
)

OTHER_SUBSCRIBER: Final = loop(
    "2320", "S", 10,
    seg("SBR", "R", 1, f"R ID {PAYER_ORDER}", f"R ID {RELATIONSHIPS}", "S AN 1-50", "S AN 1-60", f"S ID {INSURANCE_TYPES}",
        "N", "N", "N", f"S ID {FILING}"),
    ADJUSTMENT,
    *(seg("AMT", "S", 1, f"R ID {code}", "R M") for code in ("D", "A8", "EAF")),
    seg("OI", "R", 1, "N", "N", "R ID N W Y", "S ID P", "N", "R ID I Y"),
    seg("MOA", "S", 1, "S R 1-10", "S M", *["S AN 1-50"] * 5, "S M", "S M"),
    loop("2330A", "R", 1, person("IL", "1 2", "II MI", id_usage="R"), *MAYBE_ADDRESS, numbered("SY", 2)),
    loop("2330B", "R", 1, person("PR", "2", "PI XV", id_usage="R"), *MAYBE_ADDRESS, dated("573"), numbered("2U EI FY NF", 3),
         *(numbered(code) for code in ("G1", "9F", "T4", "F8"))),
    loop("2330C", "S", 2, person("DN P3", "1", "", name_usage="N"), numbered(PROVIDER_NUMBERS, 3, usage="R")),
    loop("2330D", "S", 1, person("82", "1 2", "", name_usage="N"), numbered(f"{PROVIDER_NUMBERS} LU", 3, usage="R")),
    loop("2330E", "S", 1, person("77", "2", "", name_usage="N"), numbered("0B G2 LU", 3, usage="R")),
    loop("2330F", "S", 1, person("DQ", "1", "", name_usage="N"), numbered(f"{PROVIDER_NUMBERS} LU", 3, usage="R")),
    loop("2330G", "S", 1, person("85", "1 2", "", name_usage="N"), numbered("G2 LU", 2, usage="R")),
)  # fmt: skip

CLAIM: Final = loop(
    "2300", "S", 100,
    seg(
        "CLM", "R", 1, "R AN 1-38", "R M", "N", "N", ("R", "R AN 1-2", "R ID B", "R ID 1-1"), "R ID N Y", "R ID A B C",
        "R ID N W Y", "R ID I Y", "S ID P", ("S", "R ID AA EM OA", "S ID AA EM OA", "N", "S ID 2-2", "S ID 2-3"),
        "S ID 02 03 05 09", *["N"] * 7, "S ID 1 2 3 4 5 6 7 8 9 10 11 15",
    ),
    *(dated(code) for code in DATES_OF_A_CLAIM.split()),
    seg("DTP", "S", 1, "R ID 314 360 361", "R ID D8 RD8", "R AN 8-17"),
    dated("090 091", 2),
    ATTACHMENT,
    CONTRACT,
    seg("AMT", "S", 1, "R ID F5", "R M"),
    *(numbered(code) for code in ["4N", "F5", "EW", "9F", "G1", "F8", "X4", "9A", "9C", "LX", "D9", "EA", "P4", "1J"]),
    FILE_INFORMATION,
    seg("NTE", "S", 1, "R ID ADD CER DCP DGN TPO", "R AN 1-80"),
    TRANSPORT,
    seg("CR2", "S", 1, *["N"] * 7, "R ID A C D E F G M", "N", "S AN 1-80", "S AN 1-80", "N"),
    condition("07", 3),
    condition("E1 E2 E3", 3),
    condition("75"),
    condition("ZZ"),
    *DIAGNOSES,
    PRICING,
    loop("2310A", "S", 2, person("DN P3", "1", "XX"), numbered(PROVIDER_NUMBERS, 3)),
    loop("2310B", "S", 1, person("82", "1 2", "XX"), seg("PRV", "S", 1, "R ID PE", "R ID PXC", REFERENCE),
         numbered(f"{PROVIDER_NUMBERS} LU", 4)),
    loop("2310C", "S", 1, person("77", "2", "XX"), *ADDRESS, numbered("0B G2 LU", 3), CONTACT),
    loop("2310D", "S", 1, person("DQ", "1", "XX"), numbered(f"{PROVIDER_NUMBERS} LU", 4)),
    loop("2310E", "S", 1, person("PW", "2", "", name_usage="N"), *ADDRESS),
    loop("2310F", "S", 1, person("45", "2", "", name_usage="S"), *ADDRESS),
    OTHER_SUBSCRIBER,
    LINE,
)  # fmt: skip

PATIENT_FACTS: Final = ("S ID D8", "S DT", "S ID 01", "S R 1-10", "S ID Y")

PATIENT: Final = _level(
    "23", "S", "R N 1-12", "0",
    seg("PAT", "R", 1, f"R ID {RELATIONSHIPS}", "N", "N", "N", *PATIENT_FACTS, pairs=((5, 6), (7, 8))),
    loop("2010CA", "R", 1, person("QC", "1", ""), *ADDRESS, seg("DMG", "R", 1, "R ID D8", "R DT", "R ID F M U"),
         numbered("Y4"), numbered("1W SY"), CONTACT),
    CLAIM,
)  # fmt: skip

SUBSCRIBER: Final = _level(
    "22", "R", "R N 1-12", "0 1",
    seg("SBR", "R", 1, f"R ID {PAYER_ORDER}", "S ID 18", "S AN 1-50", "S AN 1-60", f"S ID {INSURANCE_TYPES}", "N", "N", "N",
        f"S ID {FILING}"),
    seg("PAT", "S", 1, "N", "N", "N", "N", *PATIENT_FACTS, pairs=((5, 6), (7, 8))),
    loop("2010BA", "R", 1, person("IL", "1 2", "II MI"), *MAYBE_ADDRESS, seg("DMG", "S", 1, "R ID D8", "R DT", "R ID F M U"),
         numbered("SY"), numbered("Y4"), CONTACT),
    loop("2010BB", "R", 1, person("PR", "2", "PI XV", id_usage="R"), *MAYBE_ADDRESS, numbered("2U EI FY NF", 3),
         numbered("G2 LU", 2)),
    CLAIM,
    PATIENT,
)  # fmt: skip

BILLING_PROVIDER: Final = _level(
    "20", "R", "N", "1",
    seg("PRV", "S", 1, "R ID BI", "R ID PXC", REFERENCE),
    seg("CUR", "S", 1, "R ID 85", "R ID 3-3"),
    loop("2010AA", "R", 1, person("85", "1 2", "XX"), *ADDRESS, numbered("EI SY", usage="R"), numbered("0B 1G", 2),
         seg("PER", "S", 2, "R ID IC", "S AN 1-60", "R ID EM FX TE", "R AN 1-256", "S ID EM EX FX TE", "S AN 1-256",
             "S ID EM EX FX TE", "S AN 1-256", pairs=((5, 6), (7, 8)))),
    loop("2010AB", "S", 1, person("87", "1 2", "", name_usage="N"), *ADDRESS),
    loop("2010AC", "S", 1, person("PE", "2", "PI XV", id_usage="R"), *ADDRESS, numbered("2U FY NF"), numbered("EI", usage="R")),
    SUBSCRIBER,
)  # fmt: skip

LEVELS: Final = {"22": "20", "23": "22"}
"""HL03 of each level, and of the one it belongs to."""

GUIDE: Final = guide(
    "005010X222A1",
    seg("BHT", "R", 1, "R ID 0019", "R ID 00 18", "R AN 1-50", "R DT", "R TM", "R ID 31 CH RP"),
    loop("1000A", "R", 1, person("41", "1 2", "46", id_usage="R"),
         seg("PER", "R", 2, "R ID IC", "S AN 1-60", "R ID EM FX TE", "R AN 1-256", "S ID EM EX FX TE", "S AN 1-256",
             "S ID EM EX FX TE", "S AN 1-256", pairs=((5, 6), (7, 8)))),
    loop("1000B", "R", 1, person("40", "2", "46", id_usage="R")),
    BILLING_PROVIDER,
)  # fmt: skip
