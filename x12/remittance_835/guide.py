"""The 835's table (005010X221A1): segments, order, repeats, codes and lengths. Public facts in our own notation."""

from typing import Final

from ..guide import Notation, SegmentRule, guide, loop, seg

ADDRESS: Final = (
    seg("N3", "R", 1, "R AN 1-55", "S AN 1-55"),
    seg("N4", "R", 1, "R AN 2-30", "S ID 2-2", "S ID 3-15", "S ID 2-3", "N", "N", "S ID 1-3"),
)
NUMBER: Final = "R AN 1-50"
REASON: Final = "S ID 1-5"
ADJUSTMENT: Final = seg(
    "CAS", "S", 99, "R ID CO OA PI PR", "R ID 1-5", "R M", "S R 1-15",
    REASON, "S M", "S R 1-15", REASON, "S M", "S R 1-15", REASON, "S M", "S R 1-15", REASON, "S M", "S R 1-15",
    REASON, "S M", "S R 1-15",
    pairs=((5, 6), (8, 9), (11, 12), (14, 15), (17, 18)),
)  # fmt: skip
PROCEDURE_KIND: Final = "AD ER HC HP IV N4 N6 NU UI WK"
PROVIDER_NUMBERS: Final = "0B 1A 1B 1C 1D 1G 1H 1J D3 G2 LU"
OTHER_QUANTITY: Final = "ZK ZL ZM ZN ZO"
ADJUSTMENT_REASON: Final = (
    "50 51 72 90 AH AM AP B2 B3 BD BN C5 CR CS CT CV CW DM E3 FB FC GO HM IP IR IS J1 L3 L6 LE LS OA OB PI PL RA RE SL TL"
    " WO WU"
)
PLB_REASON: Final = ("R", f"R ID {ADJUSTMENT_REASON}", "S AN 1-50")
MORE_PLB: Final[list[Notation]] = [("S", f"R ID {ADJUSTMENT_REASON}", "S AN 1-50"), "S M"] * 5


def _person(code: str, usage: str, kinds: str, ids: str, *, id_usage: str = "R") -> SegmentRule:
    """An NM1 of a claim: who, a person or an organization, with which number."""
    return seg(
        "NM1", usage, 1, f"R ID {code}", f"R ID {kinds}", "S AN 1-60", "S AN 1-35", "S AN 1-25", "N", "S AN 1-10",
        f"{id_usage} ID {ids}" if ids else "N", f"{id_usage} AN 2-80" if ids else "N",
    )  # fmt: skip


PROCEDURE: Final = (
    "R", f"R ID {PROCEDURE_KIND}", "R AN 1-48", "S AN 2-2", "S AN 2-2", "S AN 2-2", "S AN 2-2", "S AN 1-80", "S AN 1-48",
)  # fmt: skip

SERVICE: Final = loop(
    "2110", "S", 999,
    seg("SVC", "R", 1, PROCEDURE, "R M", "R M", "S AN 1-48", "S R 1-15", ("S", *PROCEDURE[1:]), "S R 1-15"),
    seg("DTM", "S", 2, "R ID 150 151 472", "R DT"),
    ADJUSTMENT,
    seg("REF", "S", 8, "R ID 1S APC BB E9 G1 G3 LU RB", NUMBER),
    seg("REF", "S", 1, "R ID 6R", NUMBER),
    seg("REF", "S", 10, "R ID 0B 1A 1B 1C 1D 1G 1H 1J D3 G2 HPI SY TJ", NUMBER),
    seg("REF", "S", 5, "R ID 0K", NUMBER),
    seg("AMT", "S", 9, f"R ID B6 KH T T2 {OTHER_QUANTITY}", "R M"),
    seg("QTY", "S", 6, f"R ID {OTHER_QUANTITY}", "R R 1-15"),
    seg("LQ", "S", 99, "R ID HE RX", "R AN 1-30"),
)  # fmt: skip

CLAIM: Final = loop(
    "2100", "R", 0,
    seg(
        "CLP", "R", 1, "R AN 1-38", "R ID 1 2 3 4 19 20 21 22 23 25", "R M", "R M", "S M",
        "R ID 12 13 14 15 16 17 AM CH DS HM LM MA MB MC OF TV VA WC ZZ", NUMBER, "S AN 1-2", "S ID 1-1", "N", "S ID 1-4",
        "S R 1-15", "S R 1-10", "N",
    ),
    ADJUSTMENT,
    _person("QC", "R", "1", "34 HN II MI MR", id_usage="S"),
    _person("IL", "S", "1 2", "FI II MI"),
    _person("74", "S", "1 2", "C", id_usage="S"),
    _person("82", "S", "1 2", "BD BS FI MC PC SL UP XX"),
    _person("TT", "S", "2", "AD FI NI PI PP XV"),
    _person("PR", "S", "2", "AD FI NI PI PP XV"),
    _person("GB", "S", "1 2", "FI II MI", id_usage="S"),
    seg("MIA", "S", 1, "R R 1-15", "S M", "S R 1-15", "S M", *["S AN 1-50"], *["S M"] * 10, "S R 1-15", *["S M"] * 3,
        *["S AN 1-50"] * 4, "S M"),
    seg("MOA", "S", 1, "S R 1-10", "S M", *["S AN 1-50"] * 5, "S M", "S M"),
    seg("REF", "S", 5, "R ID 1L 1W 28 6P 9A 9C BB CE EA F8 G1 G3 IG SY", NUMBER),
    seg("REF", "S", 10, f"R ID {PROVIDER_NUMBERS}", NUMBER),
    seg("DTM", "S", 2, "R ID 232 233", "R DT"),
    seg("DTM", "S", 1, "R ID 036", "R DT"),
    seg("DTM", "S", 1, "R ID 050", "R DT"),
    seg("PER", "S", 2, "R ID CX", "S AN 1-60", "R ID EM FX TE", "R AN 1-256", "S ID EM EX FX TE", "S AN 1-256",
        "S ID EX", "S AN 1-256", pairs=((5, 6), (7, 8))),
    seg("AMT", "S", 13, "R ID AU D8 DY F5 I NL T T2 ZK ZL ZM ZN ZO", "R M"),
    seg("QTY", "S", 14, "R ID CA CD LA LE NE NR OU PS VS ZK ZL ZM ZN ZO", "R R 1-15"),
    SERVICE,
)  # fmt: skip

HEADER: Final = loop(
    "2000", "S", 0,
    seg("LX", "R", 1, "R N 1-6"),
    seg("TS3", "S", 1, "R AN 1-50", "R AN 1-2", "R DT", "R R 1-15", "R M", *["S M"] * 19),
    seg("TS2", "S", 1, *["S M"] * 19),
    CLAIM,
)  # fmt: skip

PAYER: Final = loop(
    "1000A", "R", 1,
    seg("N1", "R", 1, "R ID PR", "R AN 1-60", "S ID XV", "S AN 2-80", pairs=((3, 4),)),
    *ADDRESS,
    seg("REF", "S", 4, "R ID 2U EO HI NF", NUMBER),
    seg("PER", "S", 1, "R ID CX", "S AN 1-60", "S ID EM FX TE", "S AN 1-256", "S ID EM EX FX TE", "S AN 1-256", "S ID EX",
        "S AN 1-256", pairs=((3, 4), (5, 6), (7, 8))),
    seg("PER", "R", 0, "R ID BL", "S AN 1-60", "S ID EM TE UR", "S AN 1-256", "S ID EM EX FX TE UR", "S AN 1-256",
        "S ID EM EX FX UR", "S AN 1-256", pairs=((3, 4), (5, 6), (7, 8))),
    seg("PER", "S", 1, "R ID IC", "N", "R ID UR", "R AN 1-256"),
)  # fmt: skip

PAYEE: Final = loop(
    "1000B", "R", 1,
    seg("N1", "R", 1, "R ID PE", "R AN 1-60", "R ID FI XV XX", "R AN 2-80"),
    seg("N3", "S", 1, "R AN 1-55", "S AN 1-55"),
    seg("N4", "S", 1, "R AN 2-30", "S ID 2-2", "S ID 3-15", "S ID 2-3", "N", "N", "S ID 1-3"),
    seg("REF", "S", 0, "R ID 0B D3 PQ TJ", NUMBER),
    seg("RDM", "S", 1, "R ID BM EM FT OL", "S AN 1-60", "S AN 1-256"),
)  # fmt: skip

GUIDE: Final = guide(
    "005010X221A1",
    seg(
        "BPR", "R", 1, "R ID C D H I P U X", "R M", "R ID C D", "R ID ACH BOP CHK FWT NON", "S ID CCP CTX", "S ID 01 04",
        "S AN 3-12", "S ID DA SG", "S AN 1-35", "S AN 10-10", "S AN 9-9", "S ID 01 04", "S AN 3-12", "S ID DA SG",
        "S AN 1-35", "R DT", pairs=((6, 7), (12, 13)),
    ),
    seg("TRN", "R", 1, "R ID 1", "R AN 1-50", "R AN 10-10", "S AN 1-50"),
    seg("CUR", "S", 1, "R ID PR", "R ID 3-3", "S R 4-10"),
    seg("REF", "S", 1, "R ID EV", NUMBER),
    seg("REF", "S", 1, "R ID F2", NUMBER),
    seg("DTM", "S", 1, "R ID 405", "R DT"),
    PAYER,
    PAYEE,
    HEADER,
    seg("PLB", "S", 0, "R AN 1-50", "R DT", PLB_REASON, "R M", *MORE_PLB,
        pairs=((5, 6), (7, 8), (9, 10), (11, 12), (13, 14))),
    sent_to_us=True,
)  # fmt: skip
