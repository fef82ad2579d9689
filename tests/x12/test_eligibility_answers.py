"""271 in depth: every part of a benefit, who it is about, what real payers send, what is refused where."""

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.x12.pyx12_judge import judge
from x12 import Address, Contact, Group, Interchange, Party, X12Error, write_interchange
from x12.adjudication import Reference
from x12.codes.coverage import ACTIVE
from x12.eligibility_270_271 import (
    INQUIRY_GROUP_KIND,
    RESPONSE_GROUP_KIND,
    VERSION,
    Asked,
    Benefit,
    Delivery,
    Inquiry,
    OtherPayer,
    Person,
    PlanDate,
    Rejection,
    Response,
    Trace,
    read_each_inquiry,
    read_each_response,
    read_inquiries,
    read_responses,
    write_inquiry,
    write_response,
)

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "x12" / "corpus"
AT = datetime(2026, 3, 2, 9, 30)
PAYER = Party("PR", False, "LAKESHORE HEALTH", identifier_qualifier="PI", identifier="LSH01")
CLINIC = Party("1P", False, "ACME CLINIC", identifier_qualifier="XX", identifier="1234567893")
KARL = Person(
    last_name="JENSEN",
    first_name="KARL",
    middle_name="P",
    suffix="JR",
    member_id="XOF884201376",
    birth_date=date(1979, 6, 2),
    sex="M",
    address=Address("1 LAKE ST", "DULUTH", "MN", "558020000"),
    references=(Reference("6P", "GRP1"), Reference("18", "PLAN7")),
    is_changed=True,
)
ADA = Person(last_name="JENSEN", first_name="ADA", birth_date=date(2015, 2, 1), sex="F", relationship="19")

EVERYTHING = Benefit(
    information="F",
    level="IND",
    service_types=("98", "33"),
    insurance_type="HM",
    plan="GOLD 123",
    period="23",
    amount=Decimal("40.50"),
    quantity_kind="P6",
    quantity=Decimal("12"),
    needs_authorization="Y",
    in_network="Y",
    messages=("SPECIALIST", "AFTER DEDUCTIBLE"),
    references=(Reference("18", "P1"),),
    dates=(PlanDate("291", date(2026, 1, 1), date(2026, 12, 31)), PlanDate("348", date(2026, 1, 1))),
    qualifiers=(("ZZ", "11"),),
    deliveries=(Delivery(quantity_kind="VS", quantity=Decimal("35"), period="21", period_count=Decimal("1")),),
    others=(
        OtherPayer(
            role="PRP",
            name="FEDERAL PART B",
            identifier="FPB01",
            identifier_qualifier="PI",
            address=Address("PO BOX 1", "FARGO", "ND", "58102"),
            contacts=(Contact(name="CLAIMS", telephone="8005550100"),),
        ),
        OtherPayer(role="P3", name="RAY", first_name="BOB", is_person=True, taxonomy="207Q00000X"),
    ),
)
ACTIVE_PLAN = Benefit(information="1", level="FAM", service_types=("30",), insurance_type="C1", plan="GOLD 123")
COINSURANCE = Benefit(information="A", service_types=("30",), percent=Decimal("0.2"), in_network="W")
BY_PROCEDURE = Benefit(information="I", procedure=("HC", "G0101", "25"))
NOT_FOR_THIS = Benefit(
    information="V", service_types=("62",), rejections=(Rejection(level="benefit", reason="53", follow_up="N"),)
)

ANSWER = Response(
    payer=PAYER,
    payer_contacts=(Contact(name="MEMBER SERVICES", telephone="8005550199"),),
    provider=CLINIC,
    subscriber=KARL,
    dates=(PlanDate("346", date(2026, 1, 1)), PlanDate("347", date(2026, 12, 31))),
    benefits=(ACTIVE_PLAN, EVERYTHING, COINSURANCE, BY_PROCEDURE, NOT_FOR_THIS),
    trace_number="CHK0001",
    trace_origin="9877281234",
    reference_number="REF1",
    created_at=AT,
)


def file_of(*responses: Response) -> str:
    group = Group(RESPONSE_GROUP_KIND, "LSH01", "ACME1", "1", AT, VERSION)
    sets = [write_response(each, control_number=f"{n:04d}") for n, each in enumerate(responses, start=1)]
    return write_interchange(Interchange("ZZ", "LSH01", "ZZ", "ACME1", "000000001", AT), [(group, sets)], line_end="\n")


def recounted(text: str) -> str:
    """The text of one transaction set with the right SE01."""
    count = text[text.index("ST*") : text.index("SE*")].count("~") + 1
    return re.sub(r"\nSE\*[0-9]+", f"\nSE*{count}", text)


def the_response(text: str) -> Response:
    (response,) = read_responses(text)
    return response


def test_every_part_of_an_answer_reads_as_written() -> None:
    assert the_response(file_of(ANSWER)) == ANSWER


def test_pyx12_accepts_every_part() -> None:
    dependent = replace(ANSWER, subscriber=replace(KARL, is_changed=False), dependent=ADA)

    assert judge(file_of(ANSWER, dependent)) == []


def test_benefits_keep_their_order_and_their_segment_numbers() -> None:
    text = file_of(ANSWER)
    lines = text.splitlines()

    read = the_response(text).benefits

    assert [each.information for each in read] == ["1", "F", "A", "I", "V"]
    assert [lines[each.position - 1].split("*")[0] for each in read] == ["EB"] * 5


def test_a_refusal_of_one_service_is_not_a_refusal_of_the_person() -> None:
    read = the_response(file_of(ANSWER))

    assert read.rejections == ()
    assert [(each.level, each.reason) for each in read.benefits[4].rejections] == [("benefit", "53")]


def test_what_the_payer_has_differently_is_marked() -> None:
    read = the_response(file_of(ANSWER)).subscriber

    assert read is not None
    assert (read.is_changed, read.group_number) == (True, "GRP1")


def test_a_dependents_answer_names_both_and_is_about_the_dependent() -> None:
    answer = replace(ANSWER, subscriber=replace(KARL, is_changed=False), dependent=ADA)

    read = the_response(file_of(answer))

    assert read == answer
    assert read.patient == ADA


@pytest.mark.parametrize("level", ["payer", "provider", "subscriber", "dependent"])
def test_a_rejection_at_any_level_is_one_answer_without_benefits(level: str) -> None:
    refused = replace(
        ANSWER,
        provider=None if level == "payer" else CLINIC,
        subscriber=replace(KARL, is_changed=False) if level in ("subscriber", "dependent") else None,
        dependent=ADA if level == "dependent" else None,
        dates=(),
        benefits=(),
        trace_number="" if level in ("payer", "provider") else "CHK0001",
        trace_origin="" if level in ("payer", "provider") else "9877281234",
        rejections=(Rejection(level=level, reason="42", follow_up="R"),),
    )

    assert the_response(file_of(refused)) == refused


def test_a_rejected_subscriber_above_a_dependent_is_told_once() -> None:
    refused = replace(
        ANSWER,
        subscriber=Person(member_id="R1"),
        dependent=ADA,
        dates=(),
        benefits=(),
        rejections=(
            Rejection(level="subscriber", reason="72", follow_up="N", is_valid=True),
            Rejection(level="dependent", reason="67", follow_up="C"),
        ),
    )

    assert the_response(file_of(refused)) == refused


def test_a_person_about_whom_nothing_is_said_is_answered_all_the_same() -> None:
    silent = replace(ANSWER, benefits=(), dates=())

    assert the_response(file_of(silent)).benefits == ()


def test_our_trace_is_found_among_those_of_a_clearinghouse() -> None:
    text = file_of(ANSWER).replace("TRN*2*CHK0001", "TRN*2*HUB77*9HUBHUBHUB~\nTRN*1*PAYER9*1PAYER~\nTRN*2*CHK0001")

    read = the_response(recounted(text))

    assert (read.trace_number, read.trace_origin) == ("CHK0001", "9877281234")
    assert read.traces == (
        Trace("2", "HUB77", "9HUBHUBHUB"),
        Trace("1", "PAYER9", "1PAYER"),
        Trace("2", "CHK0001", "9877281234"),
    )


def test_what_nobody_foresaw_is_kept_and_changes_nothing() -> None:
    text = file_of(ANSWER)
    text = text.replace("DMG*", "HI*BK:Z000~\nMPI*C*AE~\nDMG*", 1).replace("MSG*SPECIALIST", "ZZZ*1~\nMSG*SPECIALIST")
    text = text.replace("HL*2*", "N2*MORE~\nHL*2*", 1)

    read = the_response(recounted(text))

    assert read == ANSWER
    assert [each.tag for each in read.unread] == ["N2", "HI", "MPI"]
    assert [each.tag for each in read.benefits[1].unread] == ["ZZZ"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("ST*271*", "ST*270*", "kind"),
        ("HL*3*2*22*", "HL*3*1*22*", "hierarchy"),
        ("HL*3*2*22*", "HL*3*2*19*", "level"),
        ("HL*2*1*21*", "HL*2*1*22*", "hierarchy"),
        ("*40.5*", "*forty*", "amount"),
        ("*.2*", "*1e-1*", "quantity"),
        ("DTP*346*D8*20260101", "DTP*346*D8*20260229", "date"),
        ("DTP*291*RD8*20260101-20261231", "DTP*291*RD8*20261231-20260101", "date"),
        ("DMG*D8*19790602", "DMG*D8*2.6.1979", "date"),
    ],
)
def test_a_broken_answer_is_refused_at_its_segment(old: str, new: str, rule: str) -> None:
    text = file_of(ANSWER)
    text = text.replace("*0.2*", "*.2*")
    line = next(at for at, each in enumerate(text.splitlines(), start=1) if old in each)

    with pytest.raises(X12Error) as caught:
        the_response(text.replace(old, new, 1))

    assert (caught.value.segment, caught.value.rule) == (line, rule)


def test_a_broken_set_does_not_take_its_neighbours_along() -> None:
    text = file_of(ANSWER, ANSWER, ANSWER)
    middle = text.index("ST*271*0002")
    text = text[:middle] + text[middle:].replace("*40.5*", "*forty*", 1)

    first, second, third = read_each_response(text)

    assert (first, third) == (ANSWER, ANSWER)
    assert isinstance(second, X12Error)


words = st.sampled_from(["", "GOLD", "A1"])
benefits = st.builds(
    Benefit,
    information=st.sampled_from(["1", "6", "A", "B", "C", "G", "I", "R", "V"]),
    level=st.sampled_from(["", "IND", "FAM"]),
    service_types=st.lists(st.sampled_from(["30", "98", "UC", "MH"]), max_size=3, unique=True).map(tuple),
    plan=words,
    period=st.sampled_from(["", "23", "27", "29"]),
    amount=st.none() | st.decimals(0, 99999, places=2),
    percent=st.none() | st.decimals(0, 1, places=2),
    in_network=st.sampled_from(["", "Y", "N", "W", "U"]),
    messages=st.lists(st.sampled_from(["ONE", "TWO"]), max_size=2).map(tuple),
    dates=st.lists(st.builds(PlanDate, st.just("291"), st.dates(date(2000, 1, 1), date(2030, 1, 1))), max_size=2).map(
        tuple
    ),
    others=st.lists(
        st.builds(OtherPayer, role=st.sampled_from(["PR", "PRP", "SEP"]), name=st.just("OTHER")), max_size=2
    ).map(tuple),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(benefits, max_size=5).map(tuple), st.none() | st.just(ADA))
def test_any_answer_reads_as_written(lines: tuple[Benefit, ...], dependent: Person | None) -> None:
    subscriber = replace(KARL, is_changed=False)
    answer = replace(ANSWER, subscriber=subscriber, dependent=dependent, benefits=lines)

    assert the_response(file_of(answer)) == answer


def inquiry_file(inquiry: Inquiry) -> str:
    group = Group(INQUIRY_GROUP_KIND, "ACME1", "LSH01", "1", AT, VERSION)
    written = write_inquiry(inquiry, control_number="0001")
    return write_interchange(
        Interchange("ZZ", "ACME1", "ZZ", "LSH01", "000000001", AT), [(group, [written])], line_end="\n"
    )


def test_a_question_about_a_period_and_several_services_reads_as_written() -> None:
    question = Inquiry(
        payer=PAYER,
        provider=CLINIC,
        subscriber=replace(KARL, is_changed=False),
        dependent=ADA,
        asked=Asked(first_day=date(2026, 3, 4), last_day=date(2026, 3, 31), service_types=("30", "98", "MH")),
        trace_number="CHK0001",
        trace_origin="9877281234",
        reference_number="REF1",
        created_at=AT,
    )
    text = inquiry_file(question)

    assert list(read_inquiries(text)) == [question]
    assert judge(text) == []


def test_a_question_without_a_provider_is_refused() -> None:
    question = Inquiry(payer=PAYER, provider=CLINIC, subscriber=KARL, created_at=AT)
    text = recounted(inquiry_file(question).replace("NM1*1P*2*ACME CLINIC*****XX*1234567893~\n", ""))

    with pytest.raises(X12Error, match="names no provider"):
        list(read_inquiries(text))


def foreign(folder: str, name: str) -> bytes:
    if not CORPUS.is_dir():
        pytest.skip("the corpus of foreign files is absent (../shared/x12/corpus)")
    return (CORPUS / folder / name).read_bytes()


def test_medicare_tells_of_a_qualified_beneficiary_and_a_drug_plan() -> None:
    items = list(read_each_response(foreign("271", "ahuggins-nhs-node-x12__271.edi")))
    (response,) = (item for item in items if isinstance(item, Response))

    assert [each.insurance_type for each in response.benefits if each.information == "R"] == ["QM", "OT"]
    drug_plan = response.benefits[-1].others[0]
    assert drug_plan.name == "SILVERSCRIPT INSURANCE COMPANY"
    assert drug_plan.address is not None
    assert (drug_plan.address.city, drug_plan.contacts[0].telephone) == ("Nashville", "8664430934")
    assert response.benefits[-1].references[0] == Reference("18", "S5601")


def test_an_answer_about_a_dependent_hangs_on_the_dependent() -> None:
    counted_wrong = foreign("271", "jdavisp3-TigerShark__271-dependent-benefits.edi")
    items = list(read_each_response(counted_wrong.replace(b"SE|79|", b"SE|81|")))
    (response,) = (item for item in items if isinstance(item, Response))

    assert response.patient is response.dependent
    assert response.dependent is not None
    assert response.dependent.first_name == "JANE"
    assert response.trace_number == "51813246"
    assert any(each.information in ACTIVE for each in response.benefits)
    assert [each.amount for each in response.benefits if each.information == "C" and each.period == "29"] == [
        Decimal("186.89"),
        Decimal("78.80"),
    ]


def test_a_rejected_subscriber_of_a_foreign_payer_is_one_answer() -> None:
    items = list(read_each_response(foreign("271", "jdavisp3-TigerShark__271-example-dependent-rejection.edi")))
    (response,) = (item for item in items if isinstance(item, Response))

    assert [(each.level, each.reason, each.is_valid) for each in response.rejections] == [("subscriber", "72", True)]
    assert response.benefits == ()


def test_visit_limits_of_a_foreign_payer_are_read() -> None:
    items = list(read_each_response(foreign("271", "jdavisp3-TigerShark__271-example-3.edi")))
    (response,) = (item for item in items if isinstance(item, Response))

    limits = [each.deliveries[0] for each in response.benefits if each.deliveries]
    assert [(each.quantity_kind, each.quantity, each.period) for each in limits] == [
        ("VS", Decimal(35), "21"),
        ("VS", Decimal(35), "29"),
    ]


@pytest.mark.parametrize(("folder", "whole"), [("270", 8), ("271", 10)])
def test_every_foreign_file_is_read_or_refused_with_a_segment_number(folder: str, whole: int) -> None:
    """Of the 271s nine have no usable ISA and five others a wrong count, number or date."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus of foreign files is absent (../shared/x12/corpus)")
    read = 0
    for file in sorted((CORPUS / folder).iterdir()):
        content = file.read_bytes()
        for item in read_each_inquiry(content) if folder == "270" else read_each_response(content):
            assert not isinstance(item, X12Error) or item.segment > 0, file.name
            read += not isinstance(item, X12Error)

    assert read >= whole
