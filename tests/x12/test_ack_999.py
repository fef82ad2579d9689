"""File acknowledgments: what a 999 says of our file, and the 999 that a payer makes of a bad one."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.x12.pyx12_judge import judge
from tests.x12.samples_835 import check_with_everything, file_of
from x12 import Group, Interchange, X12Error, write_interchange
from x12.ack_999 import (
    GROUP_KIND,
    VERSION,
    Acknowledgment,
    Context,
    ElementFault,
    ReceivedSet,
    SegmentFault,
    SetAcknowledgment,
    Verdict,
    acknowledge_file,
    acknowledge_group,
    read_acknowledgments,
    read_each_acknowledgment,
    write_acknowledgment,
)
from x12.remittance_835 import read_remittance

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "x12" / "corpus"
WRITTEN_AT = datetime(2026, 1, 5, 12, 0)
CLAIMS = Group("HC", "CLINIC", "PAYER", "17456", WRITTEN_AT, "005010X222A1")

PARTLY = Acknowledgment(
    group_kind="HC",
    group_number="17456",
    version="005010X222A1",
    verdict=Verdict.PARTLY_ACCEPTED,
    included=3,
    received=3,
    accepted=2,
    sets=(
        SetAcknowledgment("837", "0001", Verdict.ACCEPTED, "005010X222A1"),
        SetAcknowledgment(
            "837",
            "0002",
            Verdict.REJECTED,
            "005010X222A1",
            faults=(
                SegmentFault(
                    "CLM",
                    22,
                    "8",
                    loop="2300",
                    contexts=(Context((("CLM01", "123456789"),)),),
                    elements=(
                        ElementFault("1", 2, reference="782"),
                        ElementFault("7", 5, component=3, reference="1325", value="9"),
                    ),
                ),
                SegmentFault(
                    "REF",
                    57,
                    "I6",
                    contexts=(Context((("SITUATIONAL TRIGGER", ""),), "CLM", 43, element=("5", "3")),),
                ),
            ),
            errors=("I5",),
        ),
        SetAcknowledgment("837", "0003", Verdict.ACCEPTED_WITH_ERRORS, "005010X222A1", errors=("5",)),
    ),
)


def text_of(*acknowledgments: Acknowledgment) -> str:
    interchange = Interchange("ZZ", "PAYER", "ZZ", "CLINIC", "000000001", WRITTEN_AT)
    group = Group(GROUP_KIND, "PAYER", "CLINIC", "1", WRITTEN_AT, VERSION)
    sets = [write_acknowledgment(each, control_number=f"{n:04d}") for n, each in enumerate(acknowledgments, start=1)]
    return write_interchange(interchange, [(group, sets)], line_end="\n")


def in_file(*segments: str) -> str:
    """A 999 with these segments between ST and SE; the ST is segment 3."""
    body = "".join(f"{segment}~" for segment in segments)
    return (
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *260105*1200*^*00501*000000001*0*P*:~"
        f"GS*FA*PAYER*CLINIC*20260105*1200*1*X*005010X231A1~ST*999*0001*005010X231A1~{body}"
        f"SE*{len(segments) + 2}*0001~GE*1*1~IEA*1*000000001~"
    )


def fault_of(text: str) -> X12Error:
    with pytest.raises(X12Error) as caught:
        list(read_acknowledgments(text))
    return caught.value


def test_what_is_written_reads_the_same() -> None:
    assert list(read_acknowledgments(text_of(PARTLY))) == [PARTLY]


def test_pyx12_accepts_what_we_write() -> None:
    accepted = acknowledge_group(CLAIMS, [ReceivedSet("837", "0001", "005010X222A1")])
    clm, ref = PARTLY.sets[1].faults  # the judge's map has no CTX that names a claim, so that one stays at home
    rejected = replace(PARTLY.sets[1], faults=(replace(clm, contexts=()), ref))

    assert judge(text_of(replace(PARTLY, sets=(PARTLY.sets[0], rejected)), accepted)) == []


codes = st.sampled_from(["1", "5", "7", "I12"])
elements = st.builds(
    ElementFault,
    code=codes,
    element=st.integers(1, 30),
    component=st.none() | st.integers(1, 9),
    value=st.text("ABC123 .", max_size=9).map(str.strip),
)
faults = st.builds(
    SegmentFault,
    tag=st.sampled_from(["CLM", "NM1", "SV1"]),
    number=st.integers(1, 99999),
    code=st.sampled_from(["1", "3", "8", "I6"]),
    loop=st.sampled_from(["", "2300"]),
    contexts=st.lists(st.just(Context((("CLM01", "A1"),))), max_size=2).map(tuple),
    elements=st.lists(elements, max_size=3).map(tuple),
)
sets = st.builds(
    SetAcknowledgment,
    code=st.just("837"),
    control_number=st.integers(1, 9999).map(lambda n: f"{n:04d}"),
    verdict=st.sampled_from([Verdict.ACCEPTED, Verdict.ACCEPTED_WITH_ERRORS, Verdict.REJECTED]),
    faults=st.lists(faults, max_size=3).map(tuple),
    errors=st.lists(st.sampled_from(["3", "4", "I5"]), max_size=5).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(sets, max_size=4).map(tuple), st.sampled_from(list(Verdict)))
def test_any_acknowledgment_reads_as_written(answers: tuple[SetAcknowledgment, ...], verdict: Verdict) -> None:
    count = len(answers)
    whole = Acknowledgment("HC", "77", verdict, count, count, 0, "005010X222A1", answers)

    assert list(read_acknowledgments(text_of(whole))) == [whole]


def test_verdict_on_a_set_ignores_leading_zeros() -> None:
    assert [PARTLY.verdict_on(number) for number in ("1", "0002", "3")] == [
        Verdict.ACCEPTED,
        Verdict.REJECTED,
        Verdict.ACCEPTED_WITH_ERRORS,
    ]


def test_a_set_that_is_not_listed_shares_the_verdict_of_its_group() -> None:
    (read,) = read_acknowledgments(in_file("AK1*HC*17456", "AK9*R*2*2*0*1"))

    assert read.sets == ()
    assert read.verdict_on("0001") is Verdict.REJECTED
    assert read.errors == ("1",)


def test_accepted_with_errors_goes_on_and_partly_is_neither() -> None:
    assert [each.is_accepted for each in Verdict] == [True, True, False, False, False, False, False]
    assert [each.is_rejected for each in Verdict] == [False, False, False, True, True, True, True]


def test_a_fault_names_its_claim_and_says_what_is_wrong() -> None:
    clm, ref = PARTLY.sets[1].faults

    assert clm.claim_number == "123456789"
    assert list(clm.sentences()) == [
        "segment 22, CLM02: a required element is missing",
        "segment 22, CLM05: not an allowed code",
    ]
    assert list(ref.sentences()) == ["segment 57, REF: missing, needed because of other data"]


@pytest.mark.parametrize(
    ("segments", "position", "rule"),
    [
        (("AK2*837*0001", "AK9*A*1*1*1"), 4, "order"),
        (("AK1*HC*1", "IK5*A", "AK9*A*1*1*1"), 5, "order"),
        (("AK1*HC*1", "AK2*837*0001", "AK9*A*1*1*1"), 6, "missing"),
        (("AK1*HC*1", "AK2*837*0001", "AK2*837*0002"), 6, "missing"),
        (("AK1*HC*1", "AK2*837*0001", "IK4*2**1", "IK5*R", "AK9*R*1*1*0"), 6, "order"),
        (("AK1*HC*1", "AK2*837*0001", "IK5*Q", "AK9*R*1*1*0"), 6, "code"),
        (("AK1*HC*1", "AK2*837*0001", "IK5*P", "AK9*R*1*1*0"), 6, "code"),
        (("AK1*HC*1", "AK2*837*0001", "IK3*CLM*x**8", "IK5*R", "AK9*R*1*1*0"), 6, "integer"),
        (("AK1*HC*1", "AK9*A*1*1"), 5, "missing"),
        (("AK1*HC*1",), 4, "missing"),
        (("AK1*HC", "AK9*A*1*1*1"), 4, "missing"),
        (("AK1*HC*1", "AK9*A*1*1*1", "AK2*837*0001"), 6, "order"),
    ],
)
def test_a_broken_acknowledgment_is_refused_at_its_place(segments: tuple[str, ...], position: int, rule: str) -> None:
    fault = fault_of(in_file(*segments))

    assert (fault.segment, fault.rule) == (position, rule)


def test_segments_nobody_foresaw_are_kept() -> None:
    (read,) = read_acknowledgments(in_file("AK1*HC*1", "ZZZ*1", "AK9*A*1*1*1"))

    assert [each.tag for each in read.unread] == ["ZZZ"]


def test_a_997_reads_into_the_same() -> None:
    text = in_file("AK1*HC*1", "AK2*837*0001", "AK3*CLM*22**8", "AK4*2*782*1", "AK5*R*5", "AK9*R*1*1*0")
    (read,) = read_acknowledgments(text.replace("ST*999*0001*005010X231A1", "ST*997*0001"))

    assert read.sets[0].faults[0].elements[0].element == 2
    assert read.sets[0].verdict is Verdict.REJECTED


def test_another_transaction_is_refused() -> None:
    assert fault_of(in_file("AK1*HC*1").replace("ST*999", "ST*835")).rule == "kind"


def test_a_good_file_is_acknowledged_as_accepted() -> None:
    ((group, answer),) = acknowledge_file(file_of(check_with_everything()), read_remittance)

    assert group.control_number == "77"
    assert (answer.verdict, answer.included, answer.accepted) == (Verdict.ACCEPTED, 1, 1)
    assert answer.verdict_on("0001") is Verdict.ACCEPTED


def test_one_bad_set_of_two_is_rejected_at_the_segment_and_element() -> None:
    good = file_of(check_with_everything(), check_with_everything())
    second = good.index("ST*835*0002")
    bad = good[:second] + good[second:].replace("BPR*I*", "BPR*I*x", 1)

    ((_, answer),) = acknowledge_file(bad, read_remittance)

    assert answer.verdict is Verdict.PARTLY_ACCEPTED
    assert [each.verdict for each in answer.sets] == [Verdict.ACCEPTED, Verdict.REJECTED]
    (fault,) = answer.sets[1].faults
    assert (fault.tag, fault.number, fault.code, fault.elements[0].element) == ("BPR", 2, "8", 2)
    assert answer.sets[1].errors == ("I5",)
    assert judge(text_of(answer)) == []


def test_a_wrong_segment_count_rejects_the_set_not_a_segment() -> None:
    bad = file_of(check_with_everything()).replace("SE*", "SE*9", 1)

    ((_, answer),) = acknowledge_file(bad, read_remittance)

    assert (answer.verdict, answer.sets[0].errors, answer.sets[0].faults) == (Verdict.REJECTED, ("4",), ())


def test_noted_faults_leave_a_set_accepted_with_errors() -> None:
    noted = X12Error("A name is too long.", segment=9, tag="NM1", element=3, rule="too_long")
    answer = acknowledge_group(CLAIMS, [ReceivedSet("837", "0001", position=3, faults=(noted,))])

    assert answer.verdict is Verdict.ACCEPTED_WITH_ERRORS
    assert answer.sets[0].faults[0].number == 7
    assert answer.sets[0].faults[0].elements[0].code == "5"


def test_more_than_five_error_codes_do_not_fit() -> None:
    crowded = Acknowledgment("HC", "1", Verdict.REJECTED, 1, 1, 0, errors=("1", "2", "3", "4", "5", "6"))

    with pytest.raises(X12Error, match="room for five"):
        write_acknowledgment(crowded, control_number="0001")


@pytest.mark.parametrize("folder", ["999", "997"])
def test_foreign_files_are_read_or_refused_with_a_segment_number(folder: str) -> None:
    if not CORPUS.is_dir():
        pytest.skip("the corpus of foreign files is absent (../shared/x12/corpus)")
    files = sorted((CORPUS / folder).iterdir())
    read = 0
    for file in files:
        for item in read_each_acknowledgment(file.read_bytes()):
            assert isinstance(item, Acknowledgment) or item.segment > 0, file.name
            read += isinstance(item, Acknowledgment)

    assert read >= len(files) // 2
