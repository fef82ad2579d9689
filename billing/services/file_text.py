"""What a sent file says of one claim, and a received one of one check."""

from billing.edi.file_text import claim_segments, part_segments


def claim_in_file(payload: bytes, control_number: str) -> list[str]:
    return list(claim_segments(payload, control_number))


def check_in_file(payload: bytes, position: int) -> list[str]:
    return list(part_segments(payload, position))
