"""The service line (2400) of the 837P's table."""

from typing import Final

from ..guide import loop, seg
from .guide_parts import (
    ADDRESS,
    ADJUSTMENT,
    ATTACHMENT,
    CONTRACT,
    FILE_INFORMATION,
    MAYBE_ADDRESS,
    PRICING,
    PROCEDURE,
    REFERENCE,
    TRANSPORT,
    condition,
    dated,
    numbered,
    person,
)

DATES: Final = "471 607 463 461 304"
MORE_DATES: Final = "011 455 454"
PROVIDER_NUMBERS: Final = ("R ID 0B 1G G2 LU", REFERENCE, "N", ("S", "R ID 2U", "R AN 1-50"))
NUMBERS: Final = seg("REF", "S", 20, *PROVIDER_NUMBERS)

DRUG: Final = loop(
    "2410", "S", 1,
    seg("LIN", "R", 1, "N", "R ID EN EO HI N4 ON UK UP", "R AN 1-48"),
    seg("CTP", "R", 1, "N", "N", "N", "R R 1-15", ("R", "R ID F2 GR ME ML UN")),
    numbered("VY XZ"),
)  # fmt: skip

ADJUDICATION: Final = loop(
    "2430", "S", 15,
    seg("SVD", "R", 1, "R AN 2-80", "R M", ("R", "R ID ER HC HP IV WK", *PROCEDURE), "N", "R R 1-15", "S N 1-6"),
    ADJUSTMENT,
    dated("573", usage="R"),
    seg("AMT", "S", 1, "R ID EAF", "R M"),
)  # fmt: skip

FORM: Final = loop(
    "2440", "S", 0,
    seg("LQ", "R", 1, "R ID AS UT", "R AN 1-30"),
    seg("FRM", "R", 99, "R AN 1-20", "S ID N W Y", "S AN 1-50", "S DT", "S R 1-6"),
)  # fmt: skip

LINE: Final = loop(
    "2400", "R", 50,
    seg("LX", "R", 1, "R N 1-6"),
    seg(
        "SV1", "R", 1, ("R", "R ID ER HC IV WK", *PROCEDURE), "R M", "R ID MJ UN", "R R 1-15", "S AN 1-2", "N",
        ("R", "R N 1-2", "S N 1-2", "S N 1-2", "S N 1-2"), "N", "S ID Y", "N", "S ID Y", "S ID Y", "N", "N", "S ID 0",
    ),
    seg("SV5", "S", 1, ("R", "R ID HC", "R AN 1-48"), "R ID DA", "R R 1-15", "S M", "S M", "R ID 1 4 6"),
    ATTACHMENT,
    TRANSPORT,
    seg("CR3", "S", 1, "R ID I R S", "R ID MO", "R R 1-15"),
    condition("07", 3),
    condition("70"),
    condition("09"),
    dated("472", usage="R", form="D8 RD8"),
    *(dated(code) for code in DATES.split()),
    dated("738 739", 2),
    *(dated(code) for code in MORE_DATES.split()),
    seg("QTY", "S", 1, "R ID PT", "R R 1-15"),
    seg("QTY", "S", 1, "R ID FL", "R R 1-15"),
    seg("MEA", "S", 5, "R ID OG TR", "R ID HT R1 R2 R3 R4", "R R 1-20"),
    CONTRACT,
    seg("REF", "S", 1, "R ID 9B", REFERENCE, "N", ("S", "R ID 2U", "R AN 1-50")),
    seg("REF", "S", 1, "R ID 9D", REFERENCE, "N", ("S", "R ID 2U", "R AN 1-50")),
    seg("REF", "S", 5, "R ID G1", REFERENCE, "N", ("S", "R ID 2U", "R AN 1-50")),
    *(numbered(code) for code in ("6R", "EW", "X4", "F4", "BT")),
    seg("REF", "S", 5, "R ID 9F", REFERENCE, "N", ("S", "R ID 2U", "R AN 1-50")),
    seg("AMT", "S", 1, "R ID T", "R M"),
    seg("AMT", "S", 1, "R ID F4", "R M"),
    FILE_INFORMATION,
    seg("NTE", "S", 1, "R ID ADD DCP", "R AN 1-80"),
    seg("NTE", "S", 1, "R ID TPO", "R AN 1-80"),
    seg("PS1", "S", 1, REFERENCE, "R M"),
    PRICING,
    DRUG,
    loop("2420A", "S", 1, person("82", "1 2", "XX"), seg("PRV", "S", 1, "R ID PE", "R ID PXC", REFERENCE), NUMBERS),
    loop("2420B", "S", 1, person("QB", "1 2", "XX"), NUMBERS),
    loop("2420C", "S", 1, person("77", "2", "XX"), *ADDRESS, NUMBERS),
    loop("2420D", "S", 1, person("DQ", "1", "XX"), NUMBERS),
    loop("2420E", "S", 1, person("DK", "1", "XX"), *MAYBE_ADDRESS, NUMBERS,
         seg("PER", "S", 1, "R ID IC", "S AN 1-60", "R ID EM FX TE", "R AN 1-256", "S ID EM EX FX TE", "S AN 1-256",
             "S ID EM EX FX TE", "S AN 1-256", pairs=((5, 6), (7, 8)))),
    loop("2420F", "S", 2, person("DN P3", "1", "XX"), NUMBERS),
    loop("2420G", "S", 1, person("PW", "2", "", name_usage="N"), *ADDRESS),
    loop("2420H", "S", 1, person("45", "2", "", name_usage="S"), *ADDRESS),
    ADJUDICATION,
    FORM,
)  # fmt: skip
