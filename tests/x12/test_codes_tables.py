"""Remarks, claim status, cover and places: the codes the house decides by."""

import pytest

from x12.codes import claim_status, coverage, places, remark_table, remarks
from x12.codes.claim_status import Outcome
from x12.codes.coverage import BenefitMeaning, RejectClass


@pytest.mark.parametrize(
    ("code", "element"),
    [
        ("N290", "rendering_npi"),
        ("N286", "referring_npi"),
        ("MA120", "clia_number"),
        ("M119", "ndc"),
        ("N382", "member_id"),
        ("MA130", ""),
        ("MA27", ""),
        ("Z99", ""),
    ],
)
def test_remark_names_its_element_only_when_it_is_exactly_one(code: str, element: str) -> None:
    assert remarks.element_of(code) == element


def test_each_element_is_named_once() -> None:
    assert remarks.named_elements(["M51", "MA01", "N290", "M20"]) == ("procedure_code", "rendering_npi")


def test_each_remark_stands_in_one_table() -> None:
    tables = (remark_table.ELEMENTS, remark_table.DOCUMENTS, remark_table.DECISIONS, remark_table.ALERTS)

    assert sum(map(len, tables)) == len(remarks.REMARKS)


def test_remarks_that_change_what_happens_next() -> None:
    assert remarks.is_unprocessable(["N290", "MA130"])
    assert [remarks.is_crossover([code]) for code in ("MA18", "MA07", "N89", "MA19")] == [True, True, True, False]
    assert remarks.QMB == {"N781", "N782", "N783"} <= remarks.REMARKS.keys()
    assert remarks.words("Z99") == "Remark Z99"


def test_claim_payment_status_says_level_and_forwarding() -> None:
    known = claim_status.CLAIM_PAYMENT_STATUS

    assert [code for code in known if known[code].is_forwarded] == ["19", "20", "21", "23"]
    assert [(code, known[code].payer_level) for code in ("1", "20", "3", "4")] == [
        ("1", 1),
        ("20", 2),
        ("3", 3),
        ("4", 0),
    ]
    assert [code for code in known if known[code].is_reversal] == ["22"]


@pytest.mark.parametrize(
    ("category", "outcome"),
    [
        ("A1", Outcome.RECEIVED),
        ("A2", Outcome.ACCEPTED),
        ("A3", Outcome.REJECTED),
        ("A4", Outcome.NOT_FOUND),
        ("A5", Outcome.SPLIT),
        ("A8", Outcome.REJECTED),
        ("P3", Outcome.INFORMATION_REQUESTED),
        ("F2", Outcome.FINALIZED),
        ("F3F", Outcome.FORWARDED),
        ("E1", Outcome.ERROR),
        ("Q9", None),
    ],
)
def test_outcome_of_a_category(category: str, outcome: Outcome | None) -> None:
    assert claim_status.outcome_of(category) is outcome


def test_a_front_end_rejection_is_never_a_denial() -> None:
    assert {"A3", "A6", "A7", "A8"} == claim_status.REJECTED
    assert {"A0", "A1", "A5"} == claim_status.RECEIVED
    assert {"A2"} == claim_status.ACCEPTED
    assert {"A4"} == claim_status.NOT_FOUND


def test_status_as_a_sentence() -> None:
    assert claim_status.sentence("A7", "562", "85") == "Rejected: something is wrong: NPI (billing provider)"
    assert claim_status.sentence("A2", "20") == "Accepted into adjudication: accepted for processing"
    assert claim_status.sentence("X1", "9999", "ZQ") == "Category X1: status 9999 (ZQ)"


def test_could_not_be_determined_is_neither_active_nor_inactive() -> None:
    assert {"1", "2", "3", "4", "5"} == coverage.ACTIVE
    assert {"6", "7", "8"} == coverage.INACTIVE
    assert coverage.BENEFIT_INFORMATION["V"].meaning is BenefitMeaning.UNKNOWN


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("42", RejectClass.RETRY),
        ("80", RejectClass.RETRY),
        ("51", RejectClass.OUR_SETUP),
        ("T4", RejectClass.OUR_SETUP),
        ("71", RejectClass.PATIENT_DATA),
        ("75", RejectClass.PATIENT_DATA),
        ("62", RejectClass.DATES),
        ("zz", RejectClass.OTHER),
    ],
)
def test_who_must_act_after_a_reject(code: str, expected: RejectClass) -> None:
    assert coverage.reject_class(code) is expected


def test_the_plan_question_is_answered_by_known_service_types() -> None:
    assert set(coverage.ANSWER_INCLUDED_FOR_PLAN) <= coverage.SERVICE_TYPES.keys()


def test_places() -> None:
    assert places.place_words("11") == "Office"
    assert places.place_words("00") == "Place 00"
    assert places.PLACES.keys() >= places.TELEHEALTH_PLACES
    assert [code in places.FACILITY_PLACES for code in ("11", "22", "10", "02")] == [False, True, False, True]
