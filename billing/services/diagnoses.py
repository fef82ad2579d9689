"""The only writer of Diagnosis: a visit's ICD-10 codes in their order."""

from collections.abc import Sequence

from django.db import transaction

from billing.services.charge_lines import diagnosis_codes
from billing.services.claims import EDITABLE, refresh_claim
from clinic import audit
from clinic.errors import ClinicError
from clinic.models import Claim, Diagnosis, User, Visit


@transaction.atomic
def set_diagnoses(*, visit: Visit, codes: Sequence[str], by: User | None) -> list[Diagnosis]:
    """The visit's diagnoses in this order. Pointers of charges follow their diagnosis; one in use cannot go.

    A charge entered before there was any diagnosis points to the first.
    """
    wanted = diagnosis_codes(codes)
    before = list(visit.diagnoses.values_list("code", flat=True))
    if wanted == before:
        return list(visit.diagnoses.all())
    charges = list(visit.charges.filter(voided_at=None))
    place = _places(before, wanted)
    for charge in charges:
        pointed = [before[p - 1] for p in charge.pointers if p <= len(before)]
        missing = next((code for code in pointed if code not in place), None)
        if missing:
            raise ClinicError(f"{missing} is the reason for {charge.code}. Point {charge.code} elsewhere first.")
        charge.pointers = [place[code] for code in pointed] or ([1] if wanted else [])
    visit.diagnoses.all().delete()
    rows = Diagnosis.objects.bulk_create(
        [Diagnosis(visit=visit, position=n, code=code) for n, code in enumerate(wanted, start=1)]
    )
    for charge in charges:
        charge.save(update_fields=["pointers", "updated_at"])
    audit.record(act="visit.diagnoses_changed", by=by, patient=visit.patient, row=visit, detail={"codes": wanted})
    for claim in Claim.objects.filter(visit=visit, status__in=EDITABLE):
        refresh_claim(claim=claim, by=by)
    return rows


def _places(before: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """Where each earlier code stands now; one that was exchanged in its place is taken for its correction."""
    place = {code: n for n, code in enumerate(wanted, start=1)}
    if len(before) == len(wanted):
        for n, (old, new) in enumerate(zip(before, wanted, strict=True), start=1):
            if old not in place and new not in before:
                place[old] = n
    return place
