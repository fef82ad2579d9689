"""Claim acknowledgments: what a 277CA says of each claim, and whose word counts."""

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.x12.pyx12_judge import judge
from x12 import Group, Interchange, Party, X12Error, write_interchange
from x12.ack_277ca import (
    GROUP_KIND,
    VERSION,
    AcknowledgedClaim,
    AcknowledgedLine,
    AcknowledgedProvider,
    ClaimAcknowledgment,
    Level,
    Status,
    StatusInformation,
    Totals,
    read_claim_acknowledgments,
    read_each_claim_acknowledgment,
    totals_of,
    write_claim_acknowledgment,
)
from x12.adjudication import Procedure, Reference
from x12.codes.claim_status import Outcome

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "x12" / "corpus"
WRITTEN_AT = datetime(2026, 1, 6, 8, 15)
TODAY = date(2026, 1, 6)
VISIT = date(2026, 1, 5)

PAYER = Party("PR", False, "LAKE HEALTH PLAN", identifier_qualifier="PI", identifier="LAKE01")
CLINIC = Party("41", False, "ACME CLINIC", identifier_qualifier="46", identifier="ACME1")
BILLER = Party("85", False, "ACME CLINIC", identifier_qualifier="XX", identifier="1234567893")
ANN = Party("QC", True, "LEE", "ANN", identifier_qualifier="MI", identifier="W123")
BOB = Party("QC", True, "RAY", "BOB", identifier_qualifier="MI", identifier="W456")


def status(category: str, code: str, entity: str = "", *, amount: str | None = "150.00") -> StatusInformation:
    action = "U" if category in ("A3", "A4", "A6", "A7", "A8") else "WQ"
    return StatusInformation((Status(category, code, entity),), TODAY, action, Decimal(amount) if amount else None)


ACCEPTED = AcknowledgedClaim(
    patient=ANN,
    control_number="CLM-1",
    statuses=(status("A2", "20"),),
    references=(Reference("1K", "ICN0001"), Reference("D9", "CH77")),
    first_day=VISIT,
    last_day=VISIT,
)
REJECTED = AcknowledgedClaim(
    patient=BOB,
    control_number="CLM-2",
    statuses=(
        StatusInformation((Status("A7", "562", "82"), Status("A7", "21")), TODAY, "U", Decimal("80.00")),
        status("A6", "255", amount="80.00"),
    ),
    first_day=VISIT,
    last_day=date(2026, 1, 6),
    lines=(
        AcknowledgedLine(
            procedure=Procedure("HC", "G0101", ("25",)),
            charge=Decimal("80.00"),
            units=Decimal("1"),
            statuses=(StatusInformation((Status("A7", "453"),), None, "U"),),
            control_number="L1",
            first_day=VISIT,
            last_day=VISIT,
        ),
    ),
)
ANSWER = ClaimAcknowledgment(
    source=PAYER,
    receiver=CLINIC,
    reference_number="R1001",
    created_at=WRITTEN_AT,
    source_trace="T55",
    received_on=TODAY,
    processed_on=TODAY,
    batch_number="B42",
    statuses=(status("A1", "19", "PR", amount="230.00"),),
    totals=Totals(
        accepted_count=1,
        rejected_count=1,
        accepted_amount=Decimal("150.00"),
        rejected_amount=Decimal("80.00"),
    ),
    providers=(
        AcknowledgedProvider(
            party=BILLER,
            trace="P1",
            references=(Reference("TJ", "123456789"),),
            totals=totals_of([ACCEPTED, REJECTED]),
            claims=(ACCEPTED, REJECTED),
        ),
    ),
)


def text_of(*answers: ClaimAcknowledgment) -> str:
    interchange = Interchange("ZZ", "LAKE01", "ZZ", "ACME1", "000000001", WRITTEN_AT)
    group = Group(GROUP_KIND, "LAKE01", "ACME1", "1", WRITTEN_AT, VERSION)
    sets = [write_claim_acknowledgment(each, control_number=f"{n:04d}") for n, each in enumerate(answers, start=1)]
    return write_interchange(interchange, [(group, sets)], line_end="\n")


def recounted(text: str) -> str:
    """The text of one transaction set with the right SE01."""
    count = text[text.index("ST*") : text.index("SE*")].count("~") + 1
    return re.sub(r"SE\*[0-9]+", f"SE*{count}", text)


def fault_of(text: str) -> X12Error:
    with pytest.raises(X12Error) as caught:
        list(read_claim_acknowledgments(text))
    return caught.value


def outcomes(answer: ClaimAcknowledgment) -> list[tuple[str, Outcome | None, Level]]:
    return [(each.control_number, each.outcome, each.level) for each in answer.claim_statuses()]


def with_provider(**changes: object) -> ClaimAcknowledgment:
    return replace(ANSWER, providers=(replace(ANSWER.providers[0], **changes),))  # type: ignore[arg-type]


def test_what_is_written_reads_the_same() -> None:
    assert list(read_claim_acknowledgments(text_of(ANSWER))) == [ANSWER]


def test_a_provider_or_receiver_rejection_reads_the_same() -> None:
    provider = replace(
        ANSWER.providers[0], statuses=(StatusInformation((Status("A3", "25", "85"),), None, "U", Decimal("230.00")),)
    )
    whole = replace(ANSWER, statuses=(status("A3", "24", "41"),), providers=())

    for answer in (replace(ANSWER, providers=(provider,)), whole):
        assert list(read_claim_acknowledgments(text_of(answer))) == [answer]


def test_pyx12_accepts_what_we_write() -> None:
    whole = replace(ANSWER, statuses=(status("A3", "24", "41"),), totals=Totals(), providers=())

    assert judge(text_of(ANSWER, whole)) == []


def test_the_claims_own_status_counts_when_nobody_above_rejects() -> None:
    assert outcomes(ANSWER) == [
        ("CLM-1", Outcome.ACCEPTED, Level.CLAIM),
        ("CLM-2", Outcome.REJECTED, Level.CLAIM),
    ]


def test_proof_of_timely_filing_is_at_hand() -> None:
    (read,) = read_claim_acknowledgments(text_of(ANSWER))

    assert (read.batch_number, read.received_on) == ("B42", TODAY)
    assert (read.claims[0].payer_claim_number, read.claims[0].clearinghouse_number) == ("ICN0001", "CH77")


def test_every_reason_of_a_rejection_is_told_once() -> None:
    rejected = ANSWER.claim_statuses()[1].effective

    assert rejected.reasons == (
        Status("A7", "562", "82"),
        Status("A7", "21"),
        Status("A6", "255"),
        Status("A7", "453"),
    )
    assert rejected.sentence == (
        "Rejected: something is wrong: NPI (rendering provider); "
        "Rejected: something is wrong: something is missing or wrong; "
        "Rejected: something is wrong: modifier"
    )


def test_a_rejection_of_the_provider_rejects_every_claim_under_it() -> None:
    answer = with_provider(statuses=(status("A3", "25", "85"),))

    assert outcomes(answer) == [
        ("CLM-1", Outcome.REJECTED, Level.PROVIDER),
        ("CLM-2", Outcome.REJECTED, Level.PROVIDER),
    ]
    assert answer.rejected_providers() == answer.providers
    assert not answer.rejects_batch


def test_a_rejection_of_the_file_rejects_every_claim_even_one_listed_as_accepted() -> None:
    answer = replace(ANSWER, statuses=(status("A3", "24", "41"),))

    assert {level for _, outcome, level in outcomes(answer) if outcome is Outcome.REJECTED} == {Level.RECEIVER}
    assert len(outcomes(answer)) == 2
    assert answer.rejects_batch


def test_a_rejected_file_without_claims_still_names_its_batch() -> None:
    (read,) = read_claim_acknowledgments(
        text_of(replace(ANSWER, statuses=(status("A3", "24", "41"),), totals=Totals(), providers=()))
    )

    assert read.rejects_batch
    assert (read.batch_number, read.claim_statuses()) == ("B42", ())


def test_received_at_the_top_says_nothing_of_a_claim() -> None:
    only_received = replace(ACCEPTED, statuses=(status("A1", "19"),))

    assert outcomes(with_provider(claims=(only_received,))) == [("CLM-1", Outcome.RECEIVED, Level.CLAIM)]


def test_not_found_and_split_are_neither_accepted_nor_rejected() -> None:
    lost = replace(ACCEPTED, statuses=(status("A4", "35"),))
    split = replace(ACCEPTED, statuses=(status("A2", "20"), status("A5", "717")))

    answer = with_provider(claims=(lost, split))

    assert [each.outcome for each in answer.claim_statuses()] == [Outcome.NOT_FOUND, Outcome.SPLIT]


@pytest.mark.parametrize("category", ["F2", "P1", "R4", "E1", "Q9"])
def test_a_category_outside_the_guide_moves_no_claim(category: str) -> None:
    strange = replace(ACCEPTED, statuses=(status(category, "20"),))

    (told,) = with_provider(claims=(strange,)).claim_statuses()

    assert told.category == category
    assert not told.effective.moves_claim


def test_accepted_with_the_action_reject_moves_no_claim() -> None:
    doubtful = replace(ACCEPTED, statuses=(replace(status("A2", "20"), action="U"),))
    rejected_all_the_same = replace(ACCEPTED, statuses=(replace(status("A7", "21"), action="WQ"),))

    told = with_provider(claims=(doubtful, rejected_all_the_same, ACCEPTED)).claim_statuses()

    assert [each.effective.moves_claim for each in told] == [False, True, True]


def test_totals_count_what_was_accepted_and_rejected() -> None:
    assert totals_of([ACCEPTED, REJECTED, REJECTED]) == Totals(
        accepted_count=1, rejected_count=2, accepted_amount=Decimal("150.00"), rejected_amount=Decimal("160.00")
    )
    assert totals_of([ACCEPTED]).rejected_count is None


def test_two_claims_of_one_patient_may_share_their_level() -> None:
    text = text_of(with_provider(claims=(ACCEPTED,)))
    twice = text.replace("DTP*472*D8*20260105~\n", "DTP*472*D8*20260105~\nTRN*2*CLM-9~\nSTC*A7:21*20260106*U*9~\n")

    (read,) = read_claim_acknowledgments(recounted(twice))

    assert [(claim.control_number, claim.patient) for claim in read.claims] == [("CLM-1", ANN), ("CLM-9", ANN)]


def test_two_receivers_in_one_set_are_two_acknowledgments() -> None:
    first, second = text_of(ANSWER), text_of(replace(ANSWER, batch_number="B43"))
    body = second[second.index("HL*1*") : second.index("SE*")]
    body = body.replace("HL*1*", "HL*91*").replace("HL*2*1*", "HL*92*91*").replace("HL*3*2*", "HL*93*92*")
    body = body.replace("HL*4*3*", "HL*94*93*").replace("HL*5*3*", "HL*95*93*")
    text = first.replace("SE*", body + "SE*")

    assert [each.batch_number for each in read_claim_acknowledgments(recounted(text))] == ["B42", "B43"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("ST*277*", "ST*835*", "kind"),
        ("BHT*0085*", "BHT*0010*", "kind"),
        ("HL*3*2*19*1", "HL*3*1*19*1", "hierarchy"),
        ("HL*3*2*19*1", "HL*3*2*77*1", "hierarchy"),
        ("HL*2*1*21*1", "HL*2*1*19*1", "hierarchy"),
        ("NM1*85*", "N1*85*", "missing"),
        ("TRN*2*CLM-1", "TRN*2*", "missing"),
        ("TRN*2*CLM-1", "REF*2*CLM-1", "missing"),
        ("STC*A2:20*", "STC**", "missing"),
        ("STC*A2:20*20260106*", "STC*A2:20*20260230*", "date"),
        ("*WQ*150~", "*WQ*abc~", "amount"),
        ("DTP*472*D8*20260105~", "DTP*472*D8*5 Jan~", "date"),
    ],
)
def test_a_broken_acknowledgment_is_refused_at_its_segment(old: str, new: str, rule: str) -> None:
    text = text_of(ANSWER)
    line = next(at for at, each in enumerate(text.splitlines(), start=1) if old in each + "~")

    fault = fault_of(text.replace(old, new, 1))

    assert fault.rule == rule
    assert fault.segment in (line, line - 1)


def test_what_nobody_foresaw_is_kept() -> None:
    text = text_of(ANSWER).replace("REF*1K*ICN0001~", "REF*1K*ICN0001~\nNTE*ADD*HELLO~", 1)
    text = text.replace("BHT*", "PWK*X~\nBHT*")

    (read,) = read_claim_acknowledgments(recounted(text))

    assert [each.tag for each in read.unread] == ["PWK"]
    assert [each.tag for each in read.claims[0].unread] == ["NTE"]
    assert read == ANSWER


def test_a_claim_without_status_is_not_written() -> None:
    with pytest.raises(X12Error, match="has no status"):
        write_claim_acknowledgment(with_provider(claims=(replace(ACCEPTED, statuses=()),)), control_number="1")


names = st.sampled_from(["ANN", "BOB", "CLEO"])
statuses = st.builds(
    status,
    st.sampled_from(["A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"]),
    st.sampled_from(["20", "21", "562"]),
    st.sampled_from(["", "82", "QC"]),
)
claims = st.builds(
    AcknowledgedClaim,
    patient=st.builds(Party, st.just("QC"), st.just(True), names, names),
    control_number=st.integers(1, 10**9).map(str),
    statuses=st.lists(statuses, min_size=1, max_size=3).map(tuple),
    references=st.lists(st.builds(Reference, st.just("1K"), st.just("ICN7")), max_size=2).map(tuple),
)
providers = st.builds(
    AcknowledgedProvider,
    party=st.just(BILLER),
    trace=st.just("P1"),
    claims=st.lists(claims, max_size=4).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(providers, max_size=3).map(tuple), st.lists(statuses, min_size=1, max_size=2).map(tuple))
def test_any_acknowledgment_reads_as_written_and_higher_rejections_win(
    below: tuple[AcknowledgedProvider, ...], top: tuple[StatusInformation, ...]
) -> None:
    answer = replace(ANSWER, statuses=top, providers=below)

    assert list(read_claim_acknowledgments(text_of(answer))) == [answer]
    if answer.rejects_batch:
        assert all(each.outcome is Outcome.REJECTED for each in answer.claim_statuses())
    assert len(answer.claim_statuses()) == sum(len(each.claims) for each in below)


def test_foreign_acknowledgments_are_read() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the corpus of foreign files is absent (../shared/x12/corpus)")
    (item, *faults) = read_each_claim_acknowledgment(
        (CORPUS / "277CA" / "imsweb-x12-parser__x12_277CA_rejected.edi").read_bytes()
    )

    assert isinstance(item, ClaimAcknowledgment)
    assert outcomes(item) == [("3920394930203", Outcome.REJECTED, Level.CLAIM)]
    assert item.claims[0].payer_claim_number == "1107000000001120"
    assert all(isinstance(fault, X12Error) and fault.segment > 0 for fault in faults)


def test_answers_to_status_inquiries_are_not_mistaken_for_acknowledgments() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the corpus of foreign files is absent (../shared/x12/corpus)")
    for file in sorted((CORPUS / "277").iterdir()):
        for item in read_each_claim_acknowledgment(file.read_bytes()):
            assert isinstance(item, X12Error), file.name
            assert item.segment > 0, file.name
