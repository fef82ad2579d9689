"""A service line as somebody enters it, and what is wrong with it in words for that person."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from clinic.errors import ClinicError
from clinic.models import ChargeItem, Provider
from clinic.money import exact
from clinic.validators import validate_icd10, validate_modifier, validate_procedure

MOST_DIAGNOSES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLine:
    """One service as somebody enters it. `amount` None: units times the fee of our schedule on that day."""

    code: str
    units: int = 1
    modifiers: Sequence[str] = ()
    pointers: Sequence[int] = ()
    amount: Decimal | None = None
    ndc: str = ""
    prior_authorization_number: str = ""
    rendering_provider: Provider | None = None


def merged(row: ChargeItem, changes: dict[str, Any]) -> ChargeLine:
    """The charge with its changes; a new code or number of units without an amount is priced anew."""
    names = ChargeLine.__dataclass_fields__
    unknown = set(changes) - set(names)
    if unknown:
        raise ClinicError(f"{', '.join(sorted(unknown))} cannot be changed on a charge.")
    said = {name: changes.get(name, getattr(row, name)) for name in names}
    if "amount" not in changes and (said["code"] != row.code or said["units"] != row.units):
        said["amount"] = None
    return ChargeLine(**said)


def checked(line: ChargeLine, diagnoses: int, where: str) -> dict[str, Any]:
    """The line in the shape of a ChargeItem, or a sentence that says what is wrong with it."""
    code = line.code.strip().upper()
    modifiers = [m.strip().upper() for m in line.modifiers if m.strip()]
    try:
        validate_procedure(code)
        for modifier in modifiers:
            validate_modifier(modifier)
    except ValidationError as error:
        raise ClinicError(f"{where}: {error.messages[0]}", field="code") from None
    if len(modifiers) > 4:
        raise ClinicError(f"{where}: a line takes up to four modifiers.", field="modifiers")
    if not 1 <= line.units <= 999:
        raise ClinicError(f"{where}: units are 1 to 999, not {line.units}.", field="units")
    pointers = list(line.pointers) or ([1] if diagnoses else [])
    if len(pointers) > 4 or len(set(pointers)) != len(pointers):
        raise ClinicError(f"{where}: a line points to up to four different diagnoses.", field="pointers")
    for pointer in pointers:
        if not 1 <= pointer <= diagnoses:
            raise ClinicError(
                f"{where}: it points to diagnosis {pointer}, and the visit has {diagnoses}. Correct the pointer.",
                field="pointers",
            )
    ndc = line.ndc.replace("-", "").strip()
    if ndc and not (ndc.isdigit() and len(ndc) == 11):
        raise ClinicError(f"{where}: a drug code (NDC) has eleven digits, 5-4-2.", field="ndc")
    amount = None if line.amount is None else exact(line.amount)
    if amount is not None and amount < 0:
        raise ClinicError(f"{where}: a charge cannot be negative.", field="amount")
    return {
        "code": code, "modifiers": modifiers, "units": line.units, "pointers": pointers, "ndc": ndc, "amount": amount,
        "prior_authorization_number": line.prior_authorization_number.strip().upper(),
        "rendering_provider": line.rendering_provider,
    }  # fmt: skip


def diagnosis_codes(codes: Sequence[str]) -> list[str]:
    wanted = [code.strip().upper() for code in codes if code.strip()]
    for code in wanted:
        try:
            validate_icd10(code)
        except ValidationError as error:
            raise ClinicError(error.messages[0], field="diagnoses") from None
    if len(set(wanted)) != len(wanted):
        raise ClinicError("A diagnosis stands there twice. Remove one.", field="diagnoses")
    if len(wanted) > MOST_DIAGNOSES:
        raise ClinicError("A visit has at most 12 diagnoses.", field="diagnoses")
    return wanted
