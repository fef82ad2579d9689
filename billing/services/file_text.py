"""What a sent file says of one claim."""

from billing.edi.file_text import claim_segments


def claim_in_file(payload: bytes, control_number: str) -> list[str]:
    return list(claim_segments(payload, control_number))
