"""The only writer of Document: scans, signatures, letters."""

import hashlib

from django.db import transaction

from clinic import audit
from clinic.errors import ClinicError
from clinic.models import Document, Patient, User

LARGEST_BYTES = 20 * 1024 * 1024
MEDIA_TYPES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"%PDF": "application/pdf",
    b"<svg": "image/svg+xml",
}


@transaction.atomic
def add_document(
    *, patient: Patient, kind: str, content: bytes, by: User | None, title: str = "", media_type: str = ""
) -> Document:
    """Keep bytes with their sha256. The type is read from the content, not from the name somebody gave it."""
    if not content:
        raise ClinicError("The file is empty.")
    if len(content) > LARGEST_BYTES:
        raise ClinicError("The file is larger than 20 MB. Scan it at a lower resolution.")
    found = next((name for head, name in MEDIA_TYPES.items() if content.startswith(head)), "")
    if not found and media_type not in {"text/plain", "application/json"}:
        raise ClinicError("Only PNG, JPEG and PDF files can be kept.")
    digest = hashlib.sha256(content).hexdigest()
    same = Document.objects.filter(patient=patient, kind=kind, sha256=digest).first()
    if same is not None:
        return same
    document = Document.objects.create(
        patient=patient,
        kind=kind,
        title=title,
        sha256=digest,
        media_type=found or media_type,
        size=len(content),
        content=content,
        added_by=by,
    )
    audit.record(act="document.added", by=by, patient=patient, row=document)
    return document
