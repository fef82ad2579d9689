"""What 835 and 837 say alike of a payer's decision: adjustments, procedures, references."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from .elements import amount_text, need_amount, need_text, quantity_text, read_amount, read_quantity
from .segment import Segment
from .writer import Elements

ADJUSTMENTS_IN_A_SEGMENT = 6


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One triplet of a CAS. A positive amount lowers the payment."""

    group: str  # CO, PR, OA, PI; CR in old files
    reason: str  # CARC
    amount: Decimal
    quantity: Decimal | None = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """REF: 6R line control number, F8 payer claim number, TJ tax id, G1 authorization ..."""

    qualifier: str
    value: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """SV101, SVC01, SVC06, SVD03. `kind`: HC for HCPCS and CPT, NU revenue code, N4 drug ..."""

    kind: str
    code: str
    modifiers: tuple[str, ...] = ()
    description: str = ""


def reference(references: Iterable[Reference], qualifier: str) -> str:
    """The first reference of this kind, "" when there is none."""
    return next((each.value for each in references if each.qualifier == qualifier), "")


def read_adjustments(segment: Segment) -> list[Adjustment]:
    """The up to six triplets of a CAS."""
    group = need_text(segment, 1)
    found = []
    for index in range(2, len(segment.elements), 3):
        if segment[index]:
            value = need_amount(segment, index + 1)
            quantity = read_quantity(segment, index + 2)
            found.append(Adjustment(group, segment[index], value, quantity, segment.position))
        elif read_amount(segment, index + 1):
            raise segment.error(index, "missing", "This adjustment has an amount but no reason.")
    return found


def adjustment_segments(adjustments: Iterable[Adjustment]) -> Iterator[Elements]:
    """CAS segments: neighbours of one group together, six to a segment."""
    for group, members in groupby(adjustments, key=lambda each: each.group):
        rest = list(members)
        while rest:
            elements = ["CAS", group]
            for each in rest[:ADJUSTMENTS_IN_A_SEGMENT]:
                quantity = "" if each.quantity is None else quantity_text(each.quantity)
                elements += [each.reason, amount_text(each.amount), quantity]
            rest = rest[ADJUSTMENTS_IN_A_SEGMENT:]
            yield elements


def read_procedure(segment: Segment, index: int) -> Procedure:
    """The composite that names a procedure."""
    parts = segment.components(index)
    return Procedure(
        kind=parts[0],
        code=parts[1] if len(parts) > 1 else "",
        modifiers=tuple(modifier for modifier in parts[2:6] if modifier),
        description=parts[6] if len(parts) > 6 else "",
    )


def procedure_parts(procedure: Procedure) -> tuple[str, ...]:
    """The composite to be written."""
    modifiers = [*procedure.modifiers, "", "", "", ""][:4]
    return (procedure.kind, procedure.code, *modifiers, procedure.description)


def reference_segments(references: Iterable[Reference]) -> Iterator[Elements]:
    """REF segments."""
    for each in references:
        yield "REF", each.qualifier, each.value
