"""Why claims are denied, as causes planted in the world: the mix, its quotas, and what each cause looks like.

The shares follow the one public partition there is (denial_mix: Change Healthcare 2020 index); what no visit of a
family clinic can show is spread over the rest. `prevented` is the part that asking the payer, stocking
authorizations and scrubbing remove before a claim is sent; the rest escapes because the world hides it (cover ended
behind everybody's back, a patient who walked in unchecked).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from clearinghouse.simulator.payers import HARBOR, LAKESHORE, MEDICAID, MEDICARE, PRAIRIE


@dataclass(frozen=True, slots=True)
class Cause:
    name: str
    share: Decimal
    payers: tuple[str, ...]
    codes: tuple[str, ...]
    diagnosis: str = "I10"
    modifiers: tuple[str, ...] = ()
    escapes: Decimal = Decimal(1)
    """Part of the visits with this cause that prevention cannot reach."""


D = Decimal
VISIT = "Z0213"

CAUSES: tuple[Cause, ...] = (
    Cause("ended_other", D("2.3"), (HARBOR, PRAIRIE), (VISIT,), escapes=D("0.5")),
    Cause("ended_alone", D("6.7"), (LAKESHORE, PRAIRIE, HARBOR, MEDICAID), (VISIT,), escapes=D("0.4")),
    Cause("member_id", D("6.0"), (HARBOR, MEDICAID, HARBOR, PRAIRIE), (VISIT,), escapes=D("0.4")),
    Cause("other_primary", D("2.7"), (LAKESHORE, HARBOR), (VISIT,), escapes=D("0.5")),
    Cause("unknown_primary", D("5.3"), (LAKESHORE, PRAIRIE), (VISIT,), escapes=D("0.5")),
    Cause("clia_late", D("10.0"), (LAKESHORE, PRAIRIE, MEDICARE), ("G0328", VISIT), escapes=D("0")),
    Cause("ndc_missing", D("5.2"), (PRAIRIE, MEDICAID), ("J1100", VISIT), escapes=D("0")),
    Cause("authorization_unused", D("5.5"), (LAKESHORE, HARBOR), ("G0283",), "M54.50", escapes=D("0")),
    Cause("authorization_none", D("8.1"), (LAKESHORE, HARBOR), ("G0283",), "M54.50", escapes=D("0.15")),
    Cause("excluded_patient", D("5.0"), (LAKESHORE,), ("G0447", VISIT), "E66.9"),
    Cause("excluded_contract", D("5.6"), (PRAIRIE, MEDICARE, LAKESHORE), ("A4550", VISIT)),
    Cause("records", D("9.2"), (PRAIRIE, MEDICAID), ("G0168",), "S61.411A"),
    Cause("necessity", D("6.6"), (LAKESHORE, PRAIRIE, HARBOR), ("G0127",), "Z00.00"),
    Cause("bundled", D("4.8"), (LAKESHORE, HARBOR), ("G0438", "G2211")),
    Cause("modifier", D("4.6"), (PRAIRIE,), ("Q0091",), modifiers=("25",)),
    Cause("untimely", D("5.4"), (HARBOR,), (VISIT,), escapes=D("0")),
    Cause("benefit_used", D("7.0"), (LAKESHORE, HARBOR, PRAIRIE), ("G0439",), "Z00.00"),
)


@dataclass(frozen=True, slots=True)
class Planted:
    """One visit's cause; `escapes` says that prevention cannot reach it. `payer` and `nth` vary the rest."""

    cause: Cause
    payer: str
    escapes: bool
    nth: int


def quotas(count: int, causes: Sequence[Cause] = CAUSES) -> list[Planted]:
    """`count` causes in the mix's proportions, by largest remainder; no dice."""
    whole = sum((c.share for c in causes), D(0))
    exact = [D(count) * c.share / whole for c in causes]
    parts = [int(e) for e in exact]
    by_remainder = sorted(range(len(causes)), key=lambda n: (parts[n] - exact[n], n))
    for n in by_remainder[: count - sum(parts)]:
        parts[n] += 1
    planted = []
    for cause, part in zip(causes, parts, strict=True):
        escaping = int((cause.escapes * part).to_integral_value(rounding="ROUND_HALF_UP"))
        for nth in range(part):
            planted.append(Planted(cause, cause.payers[nth % len(cause.payers)], nth < escaping, nth))
    return planted
