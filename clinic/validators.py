"""Shapes of the trade's identifiers, checked where they are typed in."""

import re

from django.core.exceptions import ValidationError

ICD10 = re.compile(r"^[A-TV-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?$")
PROCEDURE = re.compile(r"^(?:\d{4}[0-9A-Z]|[A-Z]\d{4})$")
MODIFIER = re.compile(r"^[0-9A-Z]{2}$")
CLIA = re.compile(r"^\d{2}D\d{7}$")
MEMBER_ID = re.compile(r"^[0-9A-Z][0-9A-Z-]{1,29}$")
TAXONOMY = re.compile(r"^[0-9A-Z]{10}$")


def is_npi(value: str) -> bool:
    """Ten digits, first 1 or 2, Luhn check over 80840 + NPI (CMS NPI check digit, public)."""
    if not re.fullmatch(r"[12]\d{9}", value):
        return False
    total = 24
    for place, digit in enumerate(reversed(value)):
        n = int(digit) * (2 if place % 2 else 1)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def validate_npi(value: str) -> None:
    if not is_npi(value):
        raise ValidationError("%(value)s is not an NPI: ten digits with a check digit.", params={"value": value})


def validate_icd10(value: str) -> None:
    if not ICD10.match(value.upper()):
        raise ValidationError("%(value)s does not have the shape of an ICD-10-CM code.", params={"value": value})


def validate_procedure(value: str) -> None:
    if not PROCEDURE.match(value.upper()):
        raise ValidationError("%(value)s is not a five-character procedure code.", params={"value": value})


def validate_modifier(value: str) -> None:
    if not MODIFIER.match(value.upper()):
        raise ValidationError("%(value)s is not a two-character modifier.", params={"value": value})


def validate_member_id(value: str) -> None:
    if not MEMBER_ID.match(value.upper().replace(" ", "")):
        raise ValidationError("A member id has 2 to 30 letters, digits or hyphens.")


def validate_taxonomy(value: str) -> None:
    if not TAXONOMY.match(value):
        raise ValidationError("A taxonomy code has ten letters and digits.")


def validate_clia(value: str) -> None:
    if not CLIA.match(value):
        raise ValidationError("A CLIA number has ten characters, the third is D.")


def validate_ein(value: str) -> None:
    if not re.fullmatch(r"\d{9}", value):
        raise ValidationError("An employer id (EIN) has nine digits.")


def validate_zip(value: str) -> None:
    if not re.fullmatch(r"\d{5}(?:-?\d{4})?", value):
        raise ValidationError("A ZIP code has five digits, or nine.")
