"""What kind of file this is, told by its first transaction set; never refuses one."""

from clearinghouse.models import Transmission
from x12 import EnvelopeReader, X12Error

Kind = Transmission.Kind

_BY_CODE = {
    "837": Kind.CLAIMS,
    "270": Kind.ELIGIBILITY_INQUIRY,
    "271": Kind.ELIGIBILITY_ANSWER,
    "835": Kind.REMITTANCE,
    "999": Kind.FILE_ACKNOWLEDGMENT,
}
CLAIM_ACKNOWLEDGMENT_GUIDE = "005010X214"


def recognise(payload: bytes) -> tuple[str, str]:
    """(kind, ISA13). A file that is no X12 is *unknown*: it is kept all the same, for a person to look at."""
    reader = EnvelopeReader(payload)
    try:
        transaction = next(reader)
    except StopIteration:
        return (Kind.INTERCHANGE_ACKNOWLEDGMENT if reader.acknowledgments else Kind.UNKNOWN), ""
    except X12Error:
        return Kind.UNKNOWN, ""
    number = transaction.interchange.control_number[:9]
    if transaction.code == "277":
        is_claim_acknowledgment = transaction.version.startswith(CLAIM_ACKNOWLEDGMENT_GUIDE)
        return (Kind.CLAIM_ACKNOWLEDGMENT if is_claim_acknowledgment else Kind.UNKNOWN), number
    return _BY_CODE.get(transaction.code, Kind.UNKNOWN), number
