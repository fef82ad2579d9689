"""Claims for the tests of the 837P: one of each shape that we write. All people are made up."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from x12 import Address, Contact, Group, Interchange, write_interchange
from x12.claim_837p import (
    GROUP_KIND,
    VERSION,
    Adjustment,
    BillingProvider,
    Claim,
    ClaimBatch,
    ClaimDate,
    Drug,
    LineAdjudication,
    OtherCoverage,
    OtherInsured,
    Patient,
    Payer,
    Procedure,
    Provider,
    Receiver,
    Reference,
    RenderingProvider,
    ServiceFacility,
    ServiceLine,
    Submitter,
    Subscriber,
    write_claims,
)

WRITTEN_AT = datetime(2026, 1, 5, 9, 30)
SEEN_ON = date(2026, 1, 2)
DECIDED_ON = date(2026, 1, 20)
CENTS = Decimal("0.00")

CLINIC = BillingProvider(
    last_name="LAKESIDE FAMILY CLINIC",
    is_person=False,
    npi="1234567893",
    tax_id="123456789",
    taxonomy="261QP2300X",
    address=Address("12 HARBOR ROAD", "MADISON", "WI", "537031234"),
    contact=Contact(name="BILLING OFFICE", telephone="6085550100"),
)
OTHER_CLINIC = replace(
    CLINIC,
    last_name="UPTOWN CLINIC",
    npi="1999999984",
    tax_id="987654321",
    pay_to_address=Address("PO BOX 9", "MADISON", "WI", "537011234"),
)
JANE = Subscriber(
    last_name="DOE",
    first_name="JANE",
    middle_name="Q",
    member_id="W123456789",
    filing_indicator="CI",
    group_number="GRP77",
    birth_date=date(1980, 5, 17),
    sex="F",
    address=Address("9 ELM STREET", "MADISON", "WI", "53703"),
)
ACME = Payer(name="ACME HEALTH", identifier="ACME1", address=Address("1 PLAZA", "MILWAUKEE", "WI", "53202"))
DOCTOR = RenderingProvider(last_name="DEE", first_name="DANA", npi="1999999976", taxonomy="207Q00000X")
REFERRER = Provider(last_name="REED", first_name="ROY", npi="1234567893")

VISIT = ServiceLine(
    procedure=Procedure("HC", "G0463", ("25",)),
    charge=Decimal("120.00"),
    units=Decimal(1),
    diagnosis_pointers=(1, 2),
    first_day=SEEN_ON,
    last_day=SEEN_ON,
    control_number="L1",
)
TEST = ServiceLine(
    procedure=Procedure("HC", "G0328"),
    charge=Decimal("30.50"),
    units=Decimal(2),
    diagnosis_pointers=(2,),
    first_day=SEEN_ON,
    last_day=SEEN_ON,
    control_number="L2",
)


def plain_claim() -> Claim:
    """The subscriber is the patient; a plain office visit."""
    return Claim(
        patient_control_number="P100",
        charge=Decimal("150.50"),
        place_of_service="11",
        billing_provider=CLINIC,
        subscriber=JANE,
        payer=ACME,
        diagnoses=("E119", "I10"),
        lines=(VISIT, TEST),
        rendering_provider=DOCTOR,
    )


def dependent_claim() -> Claim:
    """A child of the subscriber."""
    return replace(
        plain_claim(),
        patient_control_number="P101",
        subscriber=replace(JANE, birth_date=None, sex="", address=None),
        patient=Patient(
            last_name="DOE",
            first_name="TIM",
            relationship="19",
            birth_date=date(2016, 2, 29),
            sex="M",
            address=JANE.address or CLINIC.address,
        ),
    )


def replacement_claim() -> Claim:
    """Frequency 7: keeps its number, names the payer's."""
    return replace(plain_claim(), frequency="7", payer_claim_number="ICN2026001")


def void_claim() -> Claim:
    """Frequency 8."""
    return replace(plain_claim(), frequency="8", payer_claim_number="ICN2026001")


def full_claim() -> Claim:
    """Everything a claim may carry here, without another payer."""
    return replace(
        plain_claim(),
        patient_control_number="P102",
        charge=Decimal("190.50"),
        related_causes=("AA", "OA"),
        accident_state="WI",
        patient_paid=Decimal("20.00"),
        prior_authorization="AUTH1",
        referral_number="REF1",
        clia_number="52D1234567",
        references=(Reference("EA", "MRN5"),),
        dates=(
            ClaimDate(qualifier="431", first_day=date(2025, 12, 30), last_day=date(2025, 12, 30)),
            ClaimDate(qualifier="439", first_day=date(2025, 12, 29), last_day=date(2025, 12, 29)),
        ),
        note="SEEN AFTER HOURS",
        diagnoses=("S134XXA", "E119", "I10", "Z794"),
        referring_provider=REFERRER,
        facility=ServiceFacility(
            name="LAKESIDE ANNEX",
            npi="1999999984",
            address=Address("14 HARBOR ROAD", "MADISON", "WI", "537031234"),
        ),
        supervising_provider=replace(REFERRER, last_name="SOTO", first_name="SAL"),
        lines=(
            replace(VISIT, place_of_service="23", is_emergency=True, note="LONG VISIT", last_day=date(2026, 1, 3)),
            replace(TEST, prior_authorization="AUTH2", referral_number="REF2", clia_number="52D7654321"),
            ServiceLine(
                procedure=Procedure("HC", "J3301", (), "TRIAMCINOLONE"),
                charge=Decimal("40.00"),
                units=Decimal("1.5"),
                diagnosis_pointers=(1, 2, 3, 4),
                first_day=SEEN_ON,
                last_day=SEEN_ON,
                control_number="L3",
                drug=Drug(ndc="00003029305", quantity=Decimal("1.5"), unit="ML", prescription_number="RX9"),
                rendering_provider=replace(DOCTOR, last_name="FOX"),
                supervising_provider=replace(REFERRER, last_name="SOTO"),
                ordering_provider=replace(REFERRER, last_name="OLIN"),
                referring_provider=replace(REFERRER, last_name="RUIZ"),
            ),
        ),
    )


def _adjusted(line: ServiceLine, paid: str, *adjustments: Adjustment) -> ServiceLine:
    return replace(
        line,
        adjudications=(
            LineAdjudication(
                payer_identifier="FIRST1",
                paid=Decimal(paid),
                procedure=line.procedure,
                units=line.units,
                adjudicated_on=DECIDED_ON,
                adjustments=adjustments,
            ),
        ),
    )


def secondary_claim() -> Claim:
    """To Medicare after an employer's plan, with that plan's decision line by line."""
    return replace(
        plain_claim(),
        patient_control_number="P103",
        subscriber=replace(
            JANE, payer_sequence="S", filing_indicator="MB", medicare_secondary_type="12", group_number=""
        ),
        payer=replace(ACME, name="MEDICARE PART B", identifier="MCRB1"),
        other_coverages=(
            OtherCoverage(
                payer_sequence="P",
                relationship="18",
                filing_indicator="CI",
                insured=OtherInsured(last_name="DOE", first_name="JANE", member_id="F55", address=JANE.address),
                payer=Payer(name="FIRST PLAN", identifier="FIRST1"),
                group_number="EMP9",
                paid=Decimal("100.00"),
                remaining_patient_liability=Decimal("20.50"),
                payer_claim_number="FICN1",
                remark_codes=("MA01",),
            ),
        ),
        lines=(
            _adjusted(
                VISIT,
                "85.00",
                Adjustment("CO", "45", Decimal("20.00")),
                Adjustment("PR", "1", Decimal("10.00")),
                Adjustment("PR", "2", Decimal("5.00"), Decimal(1)),
            ),
            _adjusted(
                TEST,
                "15.00",
                Adjustment("CO", "45", Decimal("10.00")),
                Adjustment("PR", "2", Decimal("5.50")),
            ),
        ),
    )


def claim_level_secondary() -> Claim:
    """A second payer after one that decided the claim as a whole, and a third yet to come."""
    (other,) = secondary_claim().other_coverages
    return replace(
        plain_claim(),
        patient_control_number="P104",
        subscriber=replace(JANE, payer_sequence="S"),
        other_coverages=(
            replace(
                other,
                adjudicated_on=DECIDED_ON,
                adjustments=(
                    Adjustment("CO", "45", Decimal("30.00")),
                    Adjustment("PR", "2", Decimal("20.50")),
                ),
            ),
            replace(
                other,
                payer_sequence="T",
                payer=Payer(name="THIRD PLAN", identifier="THIRD1"),
                paid=None,
                remaining_patient_liability=None,
                payer_claim_number="",
                remark_codes=(),
            ),
        ),
    )


def batch_of(*claims: Claim) -> ClaimBatch:
    """A batch to a made-up clearinghouse."""
    return ClaimBatch(
        reference="B1",
        created_at=WRITTEN_AT,
        submitter=Submitter(
            last_name="LAKESIDE FAMILY CLINIC",
            identifier="LAKE01",
            contact=Contact(name="EDI DESK", telephone="6085550101", email="EDI@EXAMPLE.ORG"),
        ),
        receiver=Receiver(name="CLEARINGHOUSE", identifier="CH01"),
        claims=claims,
    )


def file_of(batch: ClaimBatch) -> str:
    """The batch as a whole interchange."""
    interchange = Interchange("ZZ", "LAKE01", "ZZ", "CH01", "000000905", WRITTEN_AT, usage="T")
    group = Group(GROUP_KIND, "LAKE01", "CH01", "905", WRITTEN_AT, VERSION)
    return write_interchange(interchange, [(group, [write_claims(batch, control_number="0001")])], line_end="\n")
