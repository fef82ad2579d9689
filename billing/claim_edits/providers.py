"""Edits about who bills, who rendered, who referred, and where."""

import re
from collections.abc import Iterator

from billing.claim_edits.facts import STOP, ClaimFacts, Finding
from clinic.validators import CLIA, is_npi

PLACES = frozenset(
    re.findall(
        r"\d\d",
        "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 31 32 33 34 41 42 49 50 51 52 53 "
        "54 55 56 57 58 60 61 62 65 66 71 72 81 99",
    )
)
"""CMS place of service codes for professional claims."""
POST_BOX = re.compile(r"\bP\.? ?O\.? ?BOX\b", re.IGNORECASE)


def billing_npi(claim: ClaimFacts) -> Iterator[Finding]:
    if not is_npi(claim.billing_npi):
        yield Finding(
            "billing_npi",
            STOP,
            "The practice's NPI is wrong: ten digits with a check digit. Correct it in the practice's data.",
        )


def billing_tax_id(claim: ClaimFacts) -> Iterator[Finding]:
    if not re.fullmatch(r"\d{9}", claim.billing_tax_id):
        yield Finding("billing_tax_id", STOP, "The practice's employer id (EIN) needs nine digits.")


def billing_address(claim: ClaimFacts) -> Iterator[Finding]:
    if not (claim.billing_line1 and claim.billing_city and claim.billing_state):
        yield Finding("billing_address", STOP, "The practice's address is incomplete. Enter street, city and state.")
    elif POST_BOX.search(claim.billing_line1):
        yield Finding("billing_address", STOP, "The practice's billing address must be a street, not a post box.")


def billing_zip(claim: ClaimFacts) -> Iterator[Finding]:
    """2010AA N403: nine digits, five are rejected."""
    if not re.fullmatch(r"\d{9}", claim.billing_zip.replace("-", "")):
        yield Finding(
            "billing_zip", STOP, "The practice's ZIP needs nine digits (ZIP+4). Correct it in the practice's data."
        )


def rendering_npi(claim: ClaimFacts) -> Iterator[Finding]:
    if not is_npi(claim.rendering_npi):
        yield Finding(
            "rendering_npi", STOP,
            f"The NPI of {claim.rendering_name or 'the rendering provider'} is wrong. Correct it in the provider's data.",
        )  # fmt: skip


def rendering_is_organisation(claim: ClaimFacts) -> Iterator[Finding]:
    if is_npi(claim.rendering_npi) and claim.rendering_npi == claim.billing_npi:
        yield Finding(
            "rendering_is_organisation", STOP,
            "The rendering provider has the practice's own NPI. Enter the clinician's individual NPI.",
        )  # fmt: skip


def referring_npi(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.referring_npi is not None and not is_npi(claim.referring_npi):
        yield Finding(
            "referring_npi", STOP,
            f"The NPI of {claim.referring_name or 'the referring provider'} is wrong. Correct it in the provider's data.",
        )  # fmt: skip


def referring_missing(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.needs_referring and claim.referring_npi is None:
        yield Finding(
            "referring_missing", STOP, f"{claim.payer_name} wants to know who referred. Enter the referring provider."
        )


def place_of_service(claim: ClaimFacts) -> Iterator[Finding]:
    if not claim.place_of_service:
        yield Finding("place_of_service_missing", STOP, "The place of service is missing. Enter it at the location.")
    elif claim.place_of_service not in PLACES:
        yield Finding(
            "place_of_service_unknown", STOP,
            f"{claim.place_of_service} is no place of service of the CMS list. Correct it at the location.",
        )  # fmt: skip


def clia_shape(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.clia_number and not CLIA.match(claim.clia_number):
        yield Finding(
            "clia_shape", STOP, "The CLIA number has ten characters, the third is D. Correct it at the location."
        )


EDITS = (
    billing_npi, billing_tax_id, billing_address, billing_zip, rendering_npi, rendering_is_organisation, referring_npi,
    referring_missing, place_of_service, clia_shape,
)  # fmt: skip
