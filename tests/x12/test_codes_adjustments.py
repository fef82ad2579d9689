"""What group and reason of an adjustment do to the money: positive lists, everything else a denial."""

import pytest

from x12.codes import adjustments as codes
from x12.codes.adjustments import AdjustmentClass, NextStep, Owes, classify, owed_by

CONTRACTUAL, PATIENT, DENIAL, INFORMATIONAL = (
    AdjustmentClass.CONTRACTUAL,
    AdjustmentClass.PATIENT,
    AdjustmentClass.DENIAL,
    AdjustmentClass.INFORMATIONAL,
)


@pytest.mark.parametrize(
    ("group", "code", "expected"),
    [
        ("CO", "45", CONTRACTUAL),
        ("CO", "253", CONTRACTUAL),
        ("CO", "A2", CONTRACTUAL),
        ("OA", "45", CONTRACTUAL),
        ("CR", "45", CONTRACTUAL),
        ("PR", "1", PATIENT),
        ("PR", "2", PATIENT),
        ("PR", "3", PATIENT),
        ("PR", "241", PATIENT),
        ("PR", "23", PATIENT),
        ("OA", "23", INFORMATIONAL),
        ("CO", "23", INFORMATIONAL),
        ("CO", "16", DENIAL),
        ("CO", "24", DENIAL),
        ("CO", "97", DENIAL),
        ("CO", "2", DENIAL),
        ("OA", "18", DENIAL),
        ("OA", "209", DENIAL),
        ("PI", "45", DENIAL),
        ("CO", "a code of tomorrow", DENIAL),
    ],
)
def test_class_of_an_adjustment(group: str, code: str, expected: AdjustmentClass) -> None:
    assert classify(group, code) is expected


@pytest.mark.parametrize("code", ["16", "22", "26", "27", "31", "45", "96", "109", "119", "140", "204", "227", "253"])
def test_other_patient_responsibility_opens_a_denial_and_stays_at_the_payer(code: str) -> None:
    assert classify("PR", code) is DENIAL
    assert owed_by("PR", code) is Owes.PAYER


def test_what_we_charge_above_the_fee_is_the_patients_only_out_of_network() -> None:
    assert classify("PR", "45", out_of_network=True) is PATIENT
    assert classify("CO", "45", out_of_network=True) is CONTRACTUAL


def test_contractual_for_the_whole_charge_is_a_denial() -> None:
    assert classify("CO", "45", takes_whole_charge=True) is DENIAL


def test_capitated_service_is_contractual_where_we_are_capitated() -> None:
    assert classify("CO", "24", capitated=True) is CONTRACTUAL
    assert classify("PR", "24", capitated=True) is DENIAL


def test_every_class_names_who_owes() -> None:
    assert [owed_by("CO", "45"), owed_by("PR", "1"), owed_by("CO", "16"), owed_by("OA", "23")] == [
        Owes.NOBODY,
        Owes.NEXT,
        Owes.PAYER,
        Owes.UNCHANGED,
    ]


@pytest.mark.parametrize(
    ("group", "code"), [("CO", "27"), ("PI", "50"), ("PR", "29"), ("PR", "197"), ("PR", "B7"), ("PR", "45")]
)
def test_nobody_may_bill_the_patient_for_this(group: str, code: str) -> None:
    assert codes.forbids_patient_bill(group, code)


def test_a_person_may_decide_that_the_patient_owes_after_cover_ended() -> None:
    assert not codes.forbids_patient_bill("PR", "27")
    assert not codes.forbids_patient_bill("PR", "45", out_of_network=True)


def test_qualified_medicare_beneficiary_is_known_by_reason_or_remark() -> None:
    assert codes.is_qmb(["45", "209"], [])
    assert codes.is_qmb(["2"], ["N782"])
    assert not codes.is_qmb(["2"], ["MA18"])


def test_every_reason_of_a_list_has_words() -> None:
    named = codes.CONTRACTUAL | codes.PATIENT | codes.INFORMATIONAL | codes.NEVER_PATIENT

    assert sorted(named - codes.REASONS.keys()) == []
    assert len(codes.REASONS) > 250


def test_no_reason_stands_under_two_headings() -> None:
    from x12.codes.reasons import _TABLE

    listed = [line.split()[0] for lines in _TABLE.values() for line in lines.split("\n") if line.strip()]

    assert sorted(listed) == sorted(codes.REASONS)


def test_an_unknown_reason_is_shown_bare_and_looked_into() -> None:
    assert codes.words("45") == "Above the contracted fee"
    assert codes.words("999") == "Reason 999"
    assert codes.next_step("197") is NextStep.APPEAL
    assert codes.next_step("999") is NextStep.CHECK
