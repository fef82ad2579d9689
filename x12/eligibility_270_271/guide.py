"""The tables of 270 and 271 (005010X279A1). Public facts in our own notation."""

from typing import Final

from ..guide import LoopRule, Notation, SegmentRule, guide, loop, seg

REFERENCE: Final = "R AN 1-50"
SOURCES: Final = "2B 36 GP P5 PR"
SOURCE_IDS: Final = "24 46 FI NI PI XV XX"
RECEIVERS: Final = "1P 2B 36 80 FA GP P5 PR"
RECEIVER_IDS: Final = "24 34 FI PI PP SV XV XX"
RECEIVER_NUMBERS: Final = "0B 1C 1D 1J 4A CT EL EO HPI JD N5 N7 Q4 SY TJ"
ROLES: Final = "AD AT BI CO CV H HH LA OT P1 P2 PC PE R RF SB SK SU"
PERSON_NUMBERS: Final = "18 1L 1W 3H 49 6P CE CT EA EJ F6 GH HJ IF IG MRC N6 NQ Q4 SY Y4"
PERSON_DATES: Final = "096 102 152 291 307 318 340 341 342 343 346 347 356 357 382 435 442 458 472 539 540 636 771"
BENEFITS: Final = "1 2 3 4 5 6 7 8 A B C CB D E F G H I J K L M MC N O P Q R S T U V W X Y"
LEVELS_OF_COVERAGE: Final = "CHD DEP ECH EMP ESP FAM IND SPC SPO"
PERIODS: Final = "6 7 13 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36"
QUANTITIES: Final = "8H 99 CA CE D3 DB DY HS LA LE M2 MN P6 QA S7 S8 VS YY"
BENEFIT_NUMBERS: Final = "18 1L 1W 49 6P 9F ALS CLI F6 FO G1 IG M7 N6 NQ"
BENEFIT_DATES: Final = "096 193 194 198 290 291 292 295 304 307 318 346 348 349 356 357 435 472 636 771"
ENTITIES: Final = "13 1I 1P 2B 36 73 FA GP GW I3 IL LR OC P3 P4 P5 PR PRP SEP TTP VER VN VY X3 Y2"
ENTITY_IDS: Final = "24 34 46 FA FI II MI NI PI PP SV XV XX"
WAYS: Final = "ED EM EX FX TE UR WP"
PROCEDURE: Final[tuple[str, ...]] = ("S", "R ID AD CJ HC ID IV N4 ZZ", "R AN 1-48", *["S AN 2-2"] * 4, "N", "S AN 1-48")
POINTERS: Final = ("S", "R N 1-2", "S N 1-2", "S N 1-2", "S N 1-2")
DIAGNOSIS: Final = ("S", "R ID ABF BF", "R AN 1-30")
STREET: Final = seg("N3", "S", 1, "R AN 1-55", "S AN 1-55")
CITY: Final = seg("N4", "S", 1, "R AN 2-30", "S ID 2-2", "S ID 3-15", "S ID 2-3", "N", "N", "S ID 1-3")
CITY_WITH_REGION: Final = seg(
    "N4", "S", 1, "R AN 2-30", "S ID 2-2", "S ID 3-15", "S ID 2-3", "S ID RJ", "S AN 1-30", "S ID 1-3"
)

LEVELS: Final = {"21": "20", "22": "21", "23": "22"}
"""HL03 of each level, and of the one it belongs to."""


def _level(name: str, usage: str, above: str, code: str, below: str, *children: SegmentRule | LoopRule) -> LoopRule:
    return loop(name, usage, 0, seg("HL", "R", 1, "R N 1-12", above, f"R ID {code}", f"R ID {below}"), *children)


def _party(codes: str, ids: str, *, name: str) -> SegmentRule:
    return seg(
        "NM1", "R", 1, f"R ID {codes}", "R ID 1 2", f"{name} AN 1-60", "S AN 1-35", "S AN 1-25", "N", "S AN 1-10", f"R ID {ids}",
        "R AN 2-80",
    )  # fmt: skip


def _numbers(codes: str, most: int = 9) -> SegmentRule:
    return seg("REF", "S", most, f"R ID {codes}", REFERENCE, "S AN 1-80")


def _dates(codes: str, most: int) -> SegmentRule:
    return seg("DTP", "S", most, f"R ID {codes}", "R ID D8 RD8", "R AN 8-17")


def _role() -> SegmentRule:
    return seg("PRV", "S", 1, f"R ID {ROLES}", "S ID 2-3", "S AN 1-50", pairs=((2, 3),))


def _refused() -> SegmentRule:
    """AAA: why there is no answer, and what may be done."""
    return seg("AAA", "S", 9, "R ID N Y", "N", "R ID 2-2", "R ID C N P R S W X Y")


def _contact() -> SegmentRule:
    ways: list[Notation] = [f"S ID {WAYS}", "S AN 1-256"]
    return seg("PER", "S", 3, "R ID IC", "S AN 1-60", *ways * 3, pairs=((3, 4), (5, 6), (7, 8)))


def _person(code: str, *, ids: bool, answers: bool) -> tuple[SegmentRule, ...]:
    """Whoever is asked about: name, numbers, address, birth, relationship."""
    number: list[Notation] = ["S ID II MI", "S AN 2-80"] if ids else ["N", "N"]
    relation = "R ID 18" if ids else "R ID 01 19 20 21 34 39 40 53 G8"
    return (
        seg("NM1", "R", 1, f"R ID {code}", "R ID 1 2" if ids else "R ID 1", "S AN 1-60", "S AN 1-35", "S AN 1-25", "N",
            "S AN 1-10", *number, pairs=((8, 9),) if ids else ()),
        _numbers(PERSON_NUMBERS), STREET, CITY, *((_refused(),) if answers else ()), _role(),
        seg("DMG", "S", 1, "S ID D8", "S DT", "S ID F M U", pairs=((1, 2),)),
        seg("INS", "S", 1, "R ID Y" if ids else "R ID N", relation, "S ID 001", "S ID 25", *["N"] * 12, "S N 1-9"),
        seg("HI", "S", 1, ("R", "R ID ABK BK", "R AN 1-30"), *[DIAGNOSIS] * 7),
        _dates(PERSON_DATES if answers else "102 291", 9 if answers else 2),
    )  # fmt: skip


def _trace(kinds: str, most: int) -> SegmentRule:
    return seg("TRN", "S", most, f"R ID {kinds}", REFERENCE, "R AN 10-10", "S AN 1-50")


def _question(name: str, usage: str) -> LoopRule:
    return loop(
        name, usage, 99,
        seg("EQ", "R", 1, "S*99 ID 1-2", PROCEDURE, "S ID FAM", "N", POINTERS),
        seg("AMT", "S", 1, "R ID R", "R M"),
        seg("AMT", "S", 1, "R ID PB", "R M"),
        seg("III", "S", 1, "R ID ZZ", "R AN 1-30"),
        _numbers("9F G1", 1),
        _dates("291", 1),
    )  # fmt: skip


def _benefit(name: str, about: str, entity: str) -> LoopRule:
    """EB and what belongs to it: how often, until when, who else."""
    return loop(
        name, "S", 0,
        seg("EB", "R", 1, f"R ID {BENEFITS}", f"S ID {LEVELS_OF_COVERAGE}", "S*99 ID 1-2", "S ID 1-3", "S AN 1-50",
            f"S ID {PERIODS}", "S M", "S R 1-10", f"S ID {QUANTITIES}", "S R 1-15", "S ID N U Y", "S ID N U W Y", PROCEDURE,
            POINTERS, pairs=((9, 10),)),
        seg("HSD", "S", 9, "S ID DY FL HS MN VS", "S R 1-15", "S ID DA MO VS WK YR", "S R 1-6", f"S ID {PERIODS}", "S N 1-3",
            "S ID 1-2", "S ID 1-1", pairs=((1, 2),)),
        _numbers(BENEFIT_NUMBERS),
        _dates(BENEFIT_DATES, 20),
        _refused(),
        seg("MSG", "S", 10, "R AN 1-264"),
        loop(about, "S", 10, seg("III", "R", 1, "S ID GR NI ZZ", "S AN 1-30", "S ID 44", "S AN 1-264", pairs=((1, 2),))),
        loop(
            f"{entity}LS", "S", 1, seg("LS", "R", 1, "R AN 1-4"),
            loop(
                entity, "S", 23,
                seg("NM1", "R", 1, f"R ID {ENTITIES}", "R ID 1 2", "S AN 1-60", "S AN 1-35", "S AN 1-25", "S AN 1-10",
                    "S AN 1-10", f"S ID {ENTITY_IDS}", "S AN 2-80", "S ID 2-2", pairs=((8, 9),)),
                STREET, CITY_WITH_REGION, _contact(), _role(),
            ),
            seg("LE", "R", 1, "R AN 1-4"),
        ),
    )  # fmt: skip


INQUIRY: Final = guide(
    "005010X279A1",
    seg("BHT", "R", 1, "R ID 0022", "R ID 01 13", "S AN 1-50", "R DT", "R TM", "S ID RT"),
    _level(
        "2000A", "R", "N", "20", "1",
        loop("2100A", "R", 1, _party(SOURCES, SOURCE_IDS, name="R")),
        _level(
            "2000B", "R", "R N 1-12", "21", "1",
            loop("2100B", "R", 1, _party(RECEIVERS, RECEIVER_IDS, name="R"), _numbers(RECEIVER_NUMBERS), STREET, CITY, _role()),
            _level(
                "2000C", "R", "R N 1-12", "22", "0 1",
                _trace("1", 2),
                loop("2100C", "R", 1, *_person("IL", ids=True, answers=False), _question("2110C", "S")),
                _level(
                    "2000D", "S", "R N 1-12", "23", "0",
                    _trace("1", 2),
                    loop("2100D", "R", 1, *_person("03", ids=False, answers=False), _question("2110D", "R")),
                ),
            ),
        ),
    ),
)  # fmt: skip

RESPONSE: Final = guide(
    "005010X279A1",
    seg("BHT", "R", 1, "R ID 0022", "R ID 06 11", "S AN 1-50", "R DT", "R TM"),
    _level(
        "2000A", "R", "N", "20", "0 1",
        _refused(),
        loop("2100A", "R", 1, _party(SOURCES, SOURCE_IDS, name="R"), _contact(), _refused()),
        _level(
            "2000B", "S", "R N 1-12", "21", "0 1",
            loop("2100B", "R", 0, _party(RECEIVERS, RECEIVER_IDS, name="S"), _numbers(RECEIVER_NUMBERS), STREET, CITY,
                 _refused(), _role()),
            _level(
                "2000C", "S", "R N 1-12", "22", "0 1",
                _trace("1 2", 3),
                loop("2100C", "R", 1, *_person("IL", ids=True, answers=True),
                     seg("MPI", "S", 9, "R ID A C L O P S T", "R ID 2-2", "R ID 1-1", "S AN 1-80", "S ID 2-2", "S ID D8 RD8",
                         "S AN 8-17"),
                     _benefit("2110C", "2115C", "2120C")),
                _level(
                    "2000D", "S", "R N 1-12", "23", "0",
                    _trace("1 2", 3),
                    loop("2100D", "R", 0, *_person("03", ids=False, answers=True),
                         seg("MPI", "S", 1, "R ID A C L O P S T", "R ID 2-2", "R ID 1-1", "S AN 1-80", "S ID 2-2",
                             "S ID D8 RD8", "S AN 8-17"),
                         _benefit("2110D", "2115D", "2120D")),
                ),
            ),
        ),
    ),
    sent_to_us=True,
)  # fmt: skip
