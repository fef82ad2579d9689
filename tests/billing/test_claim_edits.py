"""Every claim edit: a clean claim passes all of them, and each one finds its fault and says what to do."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.claim_edits import EDITS, check
from billing.claim_edits.facts import (
    AnsweredClaim,
    Authorization,
    ClaimFacts,
    CoverageFacts,
    LineFacts,
    OtherCoverage,
    PersonFacts,
    PriorAnswer,
    PriorPayer,
)

TODAY = date(2026, 3, 5)
DAY = date(2026, 3, 2)
KARL = PersonFacts(
    first_name="Karl", last_name="Jensen", birth_date=date(1979, 6, 2), sex="M", line1="1847 W Cullom Ave",
    city="Chicago", state="IL", zip_code="60613",
)  # fmt: skip
POLICY = CoverageFacts(
    member_id="XOF123456789", order=1, relationship="18", starts_on=date(2024, 1, 1), patient_id="karl"
)
LINE = LineFacts(
    position=1, charge_id="c1", patient_id="karl", code="G0439", service_date=DAY, units=1, amount=Decimal("150.00"),
    pointers=(1,),
)  # fmt: skip
AUTHORIZATION = Authorization(
    number="A77", codes=("G0439",), starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30), units_left=3
)
CLEAN = ClaimFacts(
    number="C26001", today=TODAY, patient_id="karl", patient=KARL, coverage=POLICY, lines=(LINE,), diagnoses=("E11.9",),
    total=Decimal("150.00"), file_by=date(2026, 8, 29), billing_npi="1234567893", billing_tax_id="361234567",
    billing_line1="100 Harbor Street", billing_city="Chicago", billing_state="IL", billing_zip="606130001",
    rendering_name="Dee Okafor", rendering_npi="1679576722", visit_patient_id="karl",
)  # fmt: skip
ANSWERED = PriorPayer(
    name="Lakeshore", has_answered=True, adjudicated_on=TODAY,
    lines=(PriorAnswer(line=1, paid=Decimal("100.00"), adjusted=Decimal("50.00")),),
)  # fmt: skip


def with_line(**changes: Any) -> ClaimFacts:
    return replace(CLEAN, lines=(replace(LINE, **changes),))


def with_coverage(**changes: Any) -> ClaimFacts:
    return replace(CLEAN, coverage=replace(POLICY, **changes))


def as_secondary(**changes: Any) -> ClaimFacts:
    return replace(CLEAN, order=2, coverage=replace(POLICY, order=2), prior_payer=replace(ANSWERED, **changes))


def many(count: int) -> tuple[LineFacts, ...]:
    return tuple(
        replace(LINE, position=n, charge_id=f"c{n}", modifiers=("76",), amount=Decimal("3.00"))
        for n in range(1, count + 1)
    )


FAULTS: dict[str, ClaimFacts] = {
    "member_id_missing": with_coverage(member_id=""),
    "member_id_shape": with_coverage(member_id="12/34*56"),
    "coverage_not_in_force": with_coverage(ends_on=date(2026, 2, 28)),
    "coverage_of_another_patient": with_coverage(patient_id="lotte"),
    "subscriber_missing": with_coverage(relationship="19"),
    "birth_date_missing": replace(CLEAN, patient=replace(KARL, birth_date=None)),
    "birth_date_after_service": replace(CLEAN, patient=replace(KARL, birth_date=date(2026, 3, 3))),
    "sex_missing": replace(CLEAN, patient=replace(KARL, sex="")),
    "patient_address_missing": replace(CLEAN, patient=replace(KARL, city="")),
    "two_people": with_line(patient_id="lotte"),
    "patient_merged": replace(CLEAN, patient_is_merged=True),
    "disclosure_restricted": replace(CLEAN, restricts_disclosure=True),
    "visit_void": replace(CLEAN, visit_status="undone"),
    "qmb_without_medicaid": replace(CLEAN, is_qmb=True),
    "billing_npi": replace(CLEAN, billing_npi="1234567890"),
    "billing_tax_id": replace(CLEAN, billing_tax_id="36-123"),
    "billing_address": replace(CLEAN, billing_line1="PO Box 12"),
    "billing_zip": replace(CLEAN, billing_zip="60613"),
    "rendering_npi": replace(CLEAN, rendering_npi="1679576723"),
    "rendering_is_organisation": replace(CLEAN, rendering_npi="1234567893"),
    "referring_npi": replace(CLEAN, referring_npi="99"),
    "referring_missing": replace(CLEAN, needs_referring=True),
    "place_of_service_missing": replace(CLEAN, place_of_service=""),
    "place_of_service_unknown": replace(CLEAN, place_of_service="77"),
    "clia_shape": replace(CLEAN, clia_number="14X0000001"),
    "diagnosis_missing": replace(CLEAN, diagnoses=()),
    "diagnosis_too_many": replace(CLEAN, diagnoses=tuple(f"E11.{n:02d}" for n in range(13))),
    "diagnosis_shape": replace(CLEAN, diagnoses=("11E9",)),
    "diagnosis_twice": replace(CLEAN, diagnoses=("E11.9", "E119")),
    "principal_diagnosis_external": replace(CLEAN, diagnoses=("W19.XXXA", "S52.501A")),
    "no_lines": replace(CLEAN, lines=(), total=Decimal("0.00")),
    "too_many_lines": replace(CLEAN, lines=many(51), total=Decimal("153.00")),
    "line_void": with_line(is_void=True),
    "code_shape": with_line(code="G43"),
    "pointer_missing": with_line(pointers=()),
    "pointer_without_diagnosis": with_line(pointers=(1, 2)),
    "pointer_count": with_line(pointers=(1, 1)),
    "modifier_shape": with_line(modifiers=("2",)),
    "modifier_twice": with_line(modifiers=("25", "25")),
    "zero_charge": replace(with_line(amount=Decimal("0.00")), total=Decimal("0.00")),
    "units_range": with_line(units=1000),
    "duplicate_line": replace(CLEAN, lines=(LINE, replace(LINE, position=2)), total=Decimal("300.00")),
    "ndc_missing": with_line(code="J1100"),
    "ndc_shape": with_line(code="J1100", ndc="123"),
    "clia_missing": with_line(code="81002"),
    "total_differs": replace(CLEAN, total=Decimal("149.99")),
    "service_in_future": with_line(service_date=TODAY + timedelta(days=1)),
    "several_days": replace(
        CLEAN, lines=(LINE, replace(LINE, position=2, service_date=DAY + timedelta(days=1))), total=Decimal("300.00")
    ),
    "accident_incomplete": replace(CLEAN, is_accident=True, accident_state="IL"),
    "payer_inactive": replace(CLEAN, payer_is_active=False),
    "payer_id_missing": replace(CLEAN, payer_id=""),
    "payer_without_route": replace(CLEAN, payer_has_route=False),
    "filing_passed": replace(CLEAN, file_by=date(2026, 3, 4)),
    "filing_near": replace(CLEAN, file_by=date(2026, 3, 20)),
    "authorization_missing": with_line(needs_authorization=True),
    "authorization_not_approved": with_line(
        authorization_number="A77", authorization=replace(AUTHORIZATION, is_usable=False)
    ),
    "authorization_other_code": with_line(
        authorization_number="A77", authorization=replace(AUTHORIZATION, codes=("G0101",))
    ),
    "authorization_expired": with_line(
        authorization_number="A77", authorization=replace(AUTHORIZATION, ends_on=date(2026, 3, 1))
    ),
    "authorization_units": with_line(authorization_number="A77", authorization=replace(AUTHORIZATION, units_left=-1)),
    "authorizations_differ": replace(
        CLEAN, total=Decimal("300.00"),
        lines=(replace(LINE, authorization_number="A77"), replace(LINE, position=2, code="G0101", authorization_number="B1")),
    ),
    "frequency_unknown": replace(CLEAN, frequency="6"),
    "replacement_without_original": replace(CLEAN, frequency="7"),
    "original_with_reference": replace(CLEAN, original_reference="ICN1"),
    "payer_takes_no_replacement": replace(
        CLEAN, frequency="7", original_reference="ICN1", payer_takes_replacements=False
    ),
    "answered_before": replace(CLEAN, same_content_answered=AnsweredClaim(number="C25999", answer="paid")),
    "medicare_secondary_type": replace(as_secondary(), payer_is_medicare=True),
    "medicaid_before_others": replace(
        CLEAN, payer_is_medicaid=True, other_coverages=(OtherCoverage(order=2, payer_name="Lakeshore"),)
    ),
    "prior_payer_missing": replace(as_secondary(), prior_payer=None),
    "prior_payer_unanswered": as_secondary(has_answered=False),
    "prior_payer_date": as_secondary(adjudicated_on=None),
    "prior_payer_forwarded": as_secondary(was_forwarded=True),
    "prior_payment_missing": as_secondary(lines=()),
    "prior_payment_negative": as_secondary(
        lines=(PriorAnswer(line=1, paid=Decimal("-10.00"), adjusted=Decimal("160.00")),)
    ),
    "prior_payment_unbalanced": as_secondary(
        lines=(PriorAnswer(line=1, paid=Decimal("100.00"), adjusted=Decimal("49.99")),)
    ),
}  # fmt: skip
WARNINGS = {"qmb_without_medicaid", "filing_near", "several_days", "authorizations_differ"}


def test_a_clean_claim_passes_every_edit() -> None:
    assert check(CLEAN) == []


def test_a_balanced_secondary_claim_passes_every_edit() -> None:
    assert check(as_secondary()) == []


@pytest.mark.parametrize("code", FAULTS)
def test_each_edit_finds_its_fault_and_nothing_else(code: str) -> None:
    found = check(FAULTS[code])

    assert {finding.code for finding in found} == {code}
    assert all(finding.stops is (code not in WARNINGS) for finding in found)
    assert all(finding.sentence.endswith(".") and " " in finding.sentence for finding in found)


def test_every_edit_has_a_fault_that_only_it_finds() -> None:
    for edit in EDITS:
        assert any(list(edit(facts)) for facts in FAULTS.values()), edit.__name__
    assert len(FAULTS) >= 70


def test_a_repeated_service_with_its_modifier_is_no_duplicate() -> None:
    again = replace(LINE, position=2, modifiers=("76",))

    assert check(replace(CLEAN, lines=(LINE, again), total=Decimal("300.00"))) == []


def test_a_void_of_an_answered_claim_is_not_taken_for_a_duplicate() -> None:
    void = replace(
        CLEAN, frequency="8", original_reference="ICN1", same_content_answered=AnsweredClaim(number="C1", answer="paid")
    )

    assert check(void) == []


def test_a_void_is_sent_although_the_claim_is_wrong() -> None:
    wrong = with_coverage(ends_on=date(2026, 2, 28))
    void = replace(wrong, frequency="8", original_reference="ICN1", file_by=date(2026, 1, 1), visit_status="undone")

    assert check(void) == []
    assert [f.code for f in check(replace(void, original_reference=""))] == ["replacement_without_original"]


def test_what_stops_the_claim_comes_before_what_warns() -> None:
    found = check(replace(CLEAN, is_qmb=True, billing_zip="60613"))

    assert [finding.code for finding in found] == ["billing_zip", "qmb_without_medicaid"]


def test_a_dependents_claim_with_its_subscriber_is_clean() -> None:
    subscriber = PersonFacts(first_name="Ada", last_name="Jensen", birth_date=date(1980, 1, 1), sex="F")

    assert check(with_coverage(relationship="19", subscriber=subscriber)) == []
