"""Our Claim to an X12 professional claim (005010X222A1), and a batch of them to the bytes of one file."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from billing.claim_edits.lines import LABORATORY
from billing.edi.other_payers import SEQUENCE, other_payers
from billing.edi.spelling import digits, plain
from clearinghouse.control_numbers import ControlNumbers
from clinic.models import ChargeItem, Claim, ClaimLine, Location, Patient, Practice, Provider
from x12 import claim_837p as x
from x12.errors import X12Error
from x12.parties import Address, Contact

TRANSACTION_NUMBER = "0001"
AT_HOME = frozenset({"10", "12"})
"""Places of service that are the patient's own: no service facility is named."""


def to_x12(claim: Claim, *, practice: Practice, payer_identifier: str) -> x.Claim:
    """The claim as it will be said. `payer_identifier` is the payer's id at the partner that carries the file."""
    patient, coverage, payer, visit = claim.patient, claim.coverage, claim.payer, claim.visit
    others = other_payers(claim)
    return x.Claim(
        patient_control_number=claim.control_number,
        charge=claim.total,
        place_of_service=claim.place_of_service,
        frequency=claim.frequency,
        payer_claim_number=claim.original_reference,
        billing_provider=_billing_provider(practice),
        subscriber=_subscriber(claim),
        patient=None if coverage.is_subscriber else _dependent(patient, coverage.relationship),
        payer=x.Payer(
            name=plain(payer.name), identifier=plain(payer_identifier), address=_address(payer) if payer.line1 else None
        ),
        diagnoses=tuple(code.replace(".", "").upper() for code in claim.diagnosis_codes),
        lines=tuple(
            _line(line, claim, others.lines.get(line.charge_id, ())) for line in claim.lines.select_related("charge")
        ),
        assignment="A" if coverage.accepts_assignment else "C",
        benefits_assigned="Y" if coverage.accepts_assignment else "N",
        related_causes=() if not visit.is_accident else ("AA",) if visit.accident_state else ("OA",),
        accident_state=visit.accident_state if visit.is_accident else "",
        dates=_dates(claim),
        prior_authorization=plain(claim.prior_authorization_number, 50),
        clia_number=claim.clia_number if any(LABORATORY.match(line.code) for line in claim.lines.all()) else "",
        rendering_provider=_rendering(claim.rendering_provider),
        referring_provider=_referring(claim.referring_provider),
        facility=_facility(visit.location, practice, claim.place_of_service),
        other_coverages=others.coverages,
    )


def faults(claim: x.Claim) -> list[str]:
    """Why the writer would refuse this claim, in its words; none when it may be written."""
    return [fault.sentence for fault in x.claim_faults(claim)]


def write_batch(*, numbers: ControlNumbers, claims: Sequence[x.Claim], practice: Practice) -> bytes:
    """One interchange, one group, one ST for all claims of the batch."""
    batch = x.ClaimBatch(
        reference=f"{numbers.interchange}{numbers.group}"[:30],
        created_at=numbers.created_at,
        submitter=x.Submitter(
            last_name=plain(practice.name), identifier=numbers.sender,
            contact=Contact(name="BILLING OFFICE", telephone=digits(practice.phone)[:10]),
        ),
        receiver=x.Receiver(name=plain(numbers.partner_name), identifier=numbers.receiver),
        claims=tuple(claims),
    )  # fmt: skip
    transaction = x.write_claims(batch, control_number=TRANSACTION_NUMBER)
    return numbers.envelope([transaction], kind=x.GROUP_KIND, version=x.VERSION)


def _billing_provider(practice: Practice) -> x.BillingProvider:
    return x.BillingProvider(
        last_name=plain(practice.name), is_person=False, npi=practice.npi, tax_id=practice.tax_id,
        taxonomy=practice.taxonomy, address=_address(practice),
        contact=Contact(name="BILLING OFFICE", telephone=digits(practice.phone)[:10]),
    )  # fmt: skip


def _subscriber(claim: Claim) -> x.Subscriber:
    """2010BA. Of a dependent's claim it carries the subscriber's name and id, and birth date with sex when known."""
    coverage, patient = claim.coverage, claim.patient
    is_self = coverage.is_subscriber
    born = patient.birth_date if is_self else None
    secondary_type = coverage.medicare_secondary_type if claim.payer.is_medicare and claim.order > 1 else ""
    return x.Subscriber(
        last_name=plain(patient.last_name if is_self else coverage.subscriber_last_name),
        first_name=plain(patient.first_name if is_self else coverage.subscriber_first_name, 35),
        middle_name=plain(patient.middle_name, 25) if is_self else "",
        member_id=plain(coverage.member_id or "", 80),
        filing_indicator=claim.payer.filing_indicator,
        payer_sequence=SEQUENCE[claim.order],
        group_number=plain(coverage.group_number, 50),
        medicare_secondary_type=secondary_type,
        birth_date=born,
        sex=patient.sex if is_self else "",
        address=_address(patient) if is_self else None,
    )


def _dependent(patient: Patient, relationship: str) -> x.Patient:
    if patient.birth_date is None:
        raise X12Error("The patient's birth date is missing.", tag="DMG", element=2, rule="missing")
    return x.Patient(
        last_name=plain(patient.last_name), first_name=plain(patient.first_name, 35),
        middle_name=plain(patient.middle_name, 25), relationship=relationship, birth_date=patient.birth_date,
        sex=patient.sex, address=_address(patient),
    )  # fmt: skip


def _rendering(provider: Provider) -> x.RenderingProvider:
    return x.RenderingProvider(
        last_name=plain(provider.last_name), first_name=plain(provider.first_name, 35), npi=provider.npi,
        taxonomy=provider.taxonomy,
    )  # fmt: skip


def _referring(provider: Provider | None) -> x.Provider | None:
    if provider is None:
        return None
    return x.Provider(last_name=plain(provider.last_name), first_name=plain(provider.first_name, 35), npi=provider.npi)


def _facility(location: Location, practice: Practice, place_of_service: str) -> x.ServiceFacility | None:
    """2310C, when the service was not given at the billing provider's address."""
    same = (location.line1, location.zip_code[:5]) == (practice.line1, practice.zip_code[:5])
    if same or not location.line1 or place_of_service in AT_HOME:
        return None
    return x.ServiceFacility(name=plain(location.name), address=_address(location), npi=location.npi)


def _line(line: ClaimLine, claim: Claim, decided: tuple[x.LineAdjudication, ...]) -> x.ServiceLine:
    number = line.charge.prior_authorization_number
    return x.ServiceLine(
        procedure=x.Procedure("HC", line.code, tuple(line.modifiers)),
        charge=line.amount,
        units=Decimal(line.units),
        diagnosis_pointers=tuple(line.pointers),
        first_day=line.service_date,
        last_day=line.service_date,
        control_number=line.control_number,
        prior_authorization=plain(number, 50) if number != claim.prior_authorization_number else "",
        drug=_drug(line.charge, line),
        adjudications=decided,
    )


def _drug(charge: ChargeItem, line: ClaimLine) -> x.Drug | None:
    return x.Drug(ndc=line.ndc, quantity=Decimal(charge.units), unit="UN") if line.ndc else None


def _dates(claim: Claim) -> tuple[x.ClaimDate, ...]:
    visit = claim.visit
    if not (visit.is_accident and visit.accident_date):
        return ()
    return (x.ClaimDate(qualifier="439", first_day=visit.accident_date, last_day=visit.accident_date),)


class _HasAddress(Protocol):
    line1: str
    city: str
    state: str
    zip_code: str


def _address(row: _HasAddress) -> Address:
    """A ZIP goes without its hyphen."""
    return Address(
        line_1=plain(row.line1, 55), city=plain(row.city, 30), state=row.state, zip_code=digits(row.zip_code),
        line_2=plain(getattr(row, "line2", ""), 55),
    )  # fmt: skip
