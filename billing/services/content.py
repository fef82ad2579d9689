"""What a claim says to its payer, as plain data: its fingerprint, and what changed between two sendings.

Frequency and numbers of ours are left out: the same content under another number is still the same claim to a
payer (CARC 18). Member ids stand by their fingerprint only.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from clinic.models import Claim, Practice


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: in words, before, now."""

    what: str
    before: str
    now: str


LABELS = {
    "payer": "Payer", "member": "Member id", "relationship": "Relationship", "subscriber": "Subscriber",
    "patient": "Patient", "billing": "Billing provider", "rendering": "Rendering provider",
    "referring": "Referring provider", "place_of_service": "Place of service", "authorization": "Authorization",
    "clia": "CLIA", "diagnoses": "Diagnoses", "accident": "Accident", "msp": "Medicare secondary type",
}  # fmt: skip


def content_of(claim: Claim, practice: Practice | None = None) -> dict[str, Any]:
    """The claim's content now, from the claim and the record it stands on."""
    practice = practice or Practice.objects.get()
    patient, coverage, visit = claim.patient, claim.coverage, claim.visit
    subscriber = [
        coverage.subscriber_last_name, coverage.subscriber_first_name, _day(coverage.subscriber_birth_date),
        coverage.subscriber_sex,
    ]  # fmt: skip
    referring = claim.referring_provider
    return {
        "payer": claim.payer.payer_id,
        "member": f"…{coverage.member_id_last4} {coverage.member_id_fingerprint[:12]}",
        "relationship": coverage.relationship,
        "subscriber": "" if coverage.is_subscriber else " ".join(subscriber),
        "patient": " ".join(
            [patient.last_name, patient.first_name, _day(patient.birth_date), patient.sex, patient.one_line]
        ),
        "billing": " ".join([practice.npi, practice.tax_id, practice.taxonomy, practice.one_line]),
        "rendering": claim.rendering_provider.npi,
        "referring": referring.npi if referring else "",
        "place_of_service": claim.place_of_service,
        "authorization": claim.prior_authorization_number,
        "clia": claim.clia_number,
        "msp": coverage.medicare_secondary_type,
        "accident": f"{_day(visit.accident_date)} {visit.accident_state}".strip() if visit.is_accident else "",
        "diagnoses": " ".join(code.replace(".", "") for code in claim.diagnosis_codes),
        "lines": [
            {
                "code": line.code, "modifiers": list(line.modifiers), "units": line.units, "amount": str(line.amount),
                "pointers": list(line.pointers), "day": line.service_date.isoformat(), "ndc": line.ndc,
            }
            for line in claim.lines.all()
        ],
    }  # fmt: skip


def digest_of(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def changes_between(before: dict[str, Any], now: dict[str, Any]) -> list[Change]:
    """What a person should see before the claim goes out again."""
    found = [
        Change(label, str(before.get(key, "")) or "–", str(now.get(key, "")) or "–")
        for key, label in LABELS.items()
        if before.get(key, "") != now.get(key, "")
    ]
    old, new = before.get("lines", []), now.get("lines", [])
    for number in range(max(len(old), len(new))):
        was = _line(old[number]) if number < len(old) else "–"
        has = _line(new[number]) if number < len(new) else "–"
        if was != has:
            found.append(Change(f"Line {number + 1}", was, has))
    return found


def _line(line: dict[str, Any]) -> str:
    parts = [
        "-".join([line["code"], *line["modifiers"]]), f"{line['units']} × ${line['amount']}", f"on {line['day']}",
        f"for {','.join(str(p) for p in line['pointers'])}" if line["pointers"] else "", line["ndc"],
    ]  # fmt: skip
    return " ".join(part for part in parts if part)


def _day(day: Any) -> str:
    return day.isoformat() if day else ""
