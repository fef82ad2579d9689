"""270 and 271: round trip, foreign files, an outside judge."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.x12.pyx12_judge import judge
from x12.adjudication import Reference
from x12.eligibility_270_271 import (
    INQUIRY_GROUP_KIND,
    RESPONSE_GROUP_KIND,
    VERSION,
    Asked,
    Benefit,
    Inquiry,
    OtherPayer,
    Person,
    PlanDate,
    Rejection,
    Response,
    read_inquiries,
    read_responses,
    write_inquiry,
    write_response,
)
from x12.envelope import Group, Interchange, write_interchange
from x12.errors import X12Error
from x12.parties import Party

AT = datetime(2026, 3, 2, 9, 30)
PAYER = Party("PR", False, "LAKESHORE HEALTH", identifier_qualifier="PI", identifier="LSH01")
PROVIDER = Party("1P", False, "LAKEVIEW FAMILY CLINIC", identifier_qualifier="XX", identifier="1234567893")
KARL = Person(last_name="JENSEN", first_name="KARL", member_id="XOF884201376", birth_date=date(1979, 6, 2), sex="M")
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "x12" / "corpus"


def wrap(transaction, kind):
    interchange = Interchange("ZZ", "TANDEM", "ZZ", "LAKESHORE", "000000001", AT)
    return write_interchange(interchange, [(Group(kind, "TANDEM", "LAKESHORE", "1", AT, VERSION), [transaction])])


def an_inquiry(**changes):
    inquiry = Inquiry(
        payer=PAYER, provider=PROVIDER, subscriber=KARL, asked=Asked(first_day=date(2026, 3, 4), service_types=("30", "98")),
        trace_number="CHK0001", trace_origin="9877281234", reference_number="REF1", created_at=AT,
    )  # fmt: skip
    return replace(inquiry, **changes)


def a_response(**changes):
    benefits = (
        Benefit(information="1", level="IND", service_types=("30",), insurance_type="C1", plan="PPO GOLD"),
        Benefit(
            information="B", level="IND", service_types=("98",), period="27", amount=Decimal("30.00"), in_network="Y",
            messages=("OFFICE VISIT",),
        ),
        Benefit(information="A", level="IND", service_types=("30",), percent=Decimal("0.2"), in_network="Y"),
        Benefit(
            information="R", service_types=("30",), references=(Reference("1L", "GRP9"),),
            others=(OtherPayer(role="PRP", name="FEDERAL PART B", identifier="FPB01", identifier_qualifier="PI"),),
        ),
    )  # fmt: skip
    response = Response(
        payer=PAYER, provider=PROVIDER, subscriber=replace(KARL, references=(Reference("6P", "GRP1"),)),
        dates=(PlanDate("346", date(2026, 1, 1)),), benefits=benefits, trace_number="CHK0001",
        trace_origin="9877281234", reference_number="REF1", created_at=AT,
    )  # fmt: skip
    return replace(response, **changes)


DEPENDENT = Person(last_name="JENSEN", first_name="ADA", birth_date=date(2015, 2, 1), sex="F", relationship="19")


@pytest.mark.parametrize("inquiry", [an_inquiry(), an_inquiry(dependent=DEPENDENT)], ids=["subscriber", "dependent"])
def test_what_we_ask_is_what_the_payer_reads(inquiry):
    text = wrap(write_inquiry(inquiry, control_number="0001"), INQUIRY_GROUP_KIND)

    assert list(read_inquiries(text)) == [inquiry]
    assert judge(text) == []


REFUSED = a_response(dates=(), benefits=(), rejections=(Rejection(level="subscriber", reason="75", follow_up="C"),))


@pytest.mark.parametrize("response", [a_response(), REFUSED], ids=["active", "refused"])
def test_what_the_payer_answers_is_what_we_read(response):
    text = wrap(write_response(response, control_number="0001"), RESPONSE_GROUP_KIND)

    assert list(read_responses(text)) == [response]
    assert judge(text) == []


def test_a_payer_that_cannot_answer_at_all_is_one_rejection_without_benefits():
    response = Response(payer=PAYER, rejections=(Rejection(level="payer", reason="42", follow_up="R"),), created_at=AT)
    text = wrap(write_response(response, control_number="0001"), RESPONSE_GROUP_KIND)

    read = next(read_responses(text))

    assert [(r.level, r.reason, r.follow_up) for r in read.rejections] == [("payer", "42", "R")]
    assert read.benefits == ()


def test_an_inquiry_by_which_nobody_can_be_found_is_refused():
    with pytest.raises(X12Error, match="member id or the name"):
        write_inquiry(an_inquiry(subscriber=Person()), control_number="0001")


@pytest.mark.skipif(not CORPUS.exists(), reason="../shared is not there")
@pytest.mark.parametrize(("folder", "read"), [("270", read_inquiries), ("271", read_responses)])
def test_files_of_others_are_read_or_refused_at_a_segment(folder, read):
    outcomes = []
    for path in sorted((CORPUS / folder).glob("*.edi")):
        try:
            outcomes.append(len(list(read(path.read_bytes()))))
        except X12Error as fault:
            assert fault.segment, path.name
            outcomes.append(fault)

    assert sum(1 for o in outcomes if isinstance(o, int) and o) >= len(outcomes) // 3, outcomes
