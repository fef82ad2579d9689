"""The only writer of Intake: what was confirmed, signed and scanned."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from checkin.models import Form, Intake
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Document, User, Visit
from clinic.services.documents import add_document
from insurance.queries import CoverageVerdict


@dataclass(frozen=True)
class Confirmed:
    """What the desk ticked, typed and scanned."""

    photo_id_seen: bool = False
    address_confirmed: bool = False
    phone_confirmed: bool = False
    emergency_contact_confirmed: bool = False
    coverage_confirmed: bool = False
    signed_forms: tuple[str, ...] = ()
    signed_name: str = ""
    agrees_self_pay: bool = False
    override_reason: str = ""
    card_front: bytes = b""
    card_back: bytes = b""


@transaction.atomic
def complete_intake(
    *, visit: Visit, confirmed: Confirmed, verdict: CoverageVerdict, copay: Decimal | None, by: User | None
) -> Intake:
    """Keep what was confirmed and freeze the payer's answer. A second check-in after an undo keeps earlier signatures."""
    unknown = set(confirmed.signed_forms) - set(Form.values)
    if unknown:
        raise ClinicError("This form is not one of ours.", field="signed_forms")
    if confirmed.signed_forms and not confirmed.signed_name.strip():
        raise ClinicError("Type the name of the person who signed.", field="signed_name")
    intake, _ = Intake.objects.get_or_create(visit=visit)
    intake.photo_id_seen = confirmed.photo_id_seen
    intake.address_confirmed = confirmed.address_confirmed
    intake.phone_confirmed = confirmed.phone_confirmed
    intake.emergency_contact_confirmed = confirmed.emergency_contact_confirmed
    intake.coverage_confirmed = confirmed.coverage_confirmed
    if confirmed.signed_forms:
        _sign(intake, confirmed.signed_forms, confirmed.signed_name)
    intake.eligibility_check = verdict.check
    intake.coverage_answer = verdict.answer
    intake.override_reason = confirmed.override_reason.strip()[:200]
    intake.expected_copay = copay
    intake.completed_at, intake.completed_by = clock.now(), by
    intake.save()
    for content, kind in (
        (confirmed.card_front, Document.Kind.CARD_FRONT),
        (confirmed.card_back, Document.Kind.CARD_BACK),
    ):
        if content:
            add_document(patient=visit.patient, kind=kind, content=content, title="Insurance card", by=by)
    audit.record(
        act="intake.completed", by=by, patient=visit.patient, row=intake, why=intake.override_reason,
        detail={"coverage_answer": verdict.answer, "signed": sorted(confirmed.signed_forms)},
    )  # fmt: skip
    return intake


@transaction.atomic
def sign_forms(*, visit: Visit, forms: tuple[str, ...], name: str, strokes: bytes = b"", by: User | None) -> Intake:
    """Signed on the tablet, before or during check-in: a drawn signature, or the typed name as its equal."""
    if not forms or set(forms) - set(Form.values):
        raise ClinicError("Choose what is signed.", field="forms")
    if not name.strip() and not strokes:
        raise ClinicError("Sign with your finger, or type your full name.", field="name")
    intake, _ = Intake.objects.get_or_create(visit=visit)
    _sign(intake, forms, name or visit.patient.full_name)
    if strokes:
        intake.signature = add_document(
            patient=visit.patient, kind=Document.Kind.SIGNATURE, content=strokes, title="Signature", by=by
        )
    intake.save()
    audit.record(act="intake.signed", by=by, patient=visit.patient, row=intake, detail={"signed": sorted(forms)})
    return intake


def _sign(intake: Intake, forms: tuple[str, ...], name: str) -> None:
    intake.signed_forms = sorted({*intake.signed_forms, *forms})
    intake.signed_name = name.strip()[:120]
    intake.signed_at = clock.now()
