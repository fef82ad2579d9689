"""Remittances: what is read, what balances, what is written, and what pyx12 thinks of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.x12.pyx12_judge import judge
from tests.x12.samples_835 import (
    PAID_ON,
    VISIT,
    check_with_everything,
    file_of,
    forwarded_claim,
    paid_claim,
    recoup,
    remittance_of,
    reversed_claim,
)
from x12 import EnvelopeReader, X12Error, digest
from x12.remittance_835 import (
    Adjustment,
    ClaimPayment,
    Finding,
    Procedure,
    ProviderAdjustment,
    Remittance,
    RemittanceStream,
    ServicePayment,
    check_balance,
    check_total,
    read_each_remittance,
    read_remittances,
)


def read_one(text: str) -> Remittance:
    (remittance,) = read_remittances(text)
    return remittance


SHAPES: dict[str, Callable[[], Remittance]] = {
    "paid": lambda: remittance_of(paid_claim()),
    "reversal with forwarded balance": lambda: remittance_of(reversed_claim(), kept=(recoup("-40.00", "FB"),)),
    "everything": check_with_everything,
    "seven provider adjustments": lambda: remittance_of(
        paid_claim(), kept=tuple(recoup("1.00", reference=f"R{number}") for number in range(7))
    ),
    "seven adjustments of one group": lambda: remittance_of(
        replace(
            reversed_claim(),
            charge=Decimal("-54.00"),
            adjustments=tuple(Adjustment("CO", str(number), Decimal("-2.00")) for number in range(1, 8)),
        )
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_written_reads_back_equal_and_balances(shape: str) -> None:
    remittance = SHAPES[shape]()

    found = read_one(file_of(remittance))

    assert found == remittance
    assert check_balance(found) == []


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "seven provider adjustments"])
def test_the_outside_judge_accepts_what_we_write(shape: str) -> None:
    """Not the second PLB of seven adjustments: pyx12 takes it for a second footer, the guide allows it."""
    assert judge(file_of(SHAPES[shape]())) == []


def test_the_outside_judge_can_refuse() -> None:
    text = file_of(check_with_everything())

    assert judge(text.replace("N4*MILWAUKEE*WI", "N4*MILWAUKEE*XX")) != []
    assert judge(text.replace("SE*", "SE*9")) != []


def test_every_claim_line_and_provider_adjustment_knows_its_segment() -> None:
    text = file_of(check_with_everything())
    tags = [line.split("*")[0] for line in text.splitlines()]

    found = read_one(text)

    assert [tags[claim.position - 1] for claim in found.claims] == ["CLP"] * 3
    assert [tags[line.position - 1] for claim in found.claims for line in claim.lines] == ["SVC"] * 4
    assert [tags[each.position - 1] for each in found.provider_adjustments] == ["PLB"] * 2
    assert [segment.tag for segment in found.claims[0].segments][:3] == ["CLP", "NM1", "NM1"]


def test_trade_words_read_what_the_segments_say() -> None:
    found = read_one(file_of(check_with_everything()))
    paid, forwarded, taken_back = found.claims

    assert found.identity == ("1912345678", "EFT1001", PAID_ON)
    assert (found.payee.npi, found.payee.tax_id) == ("1234567893", "123456789")
    assert (paid.lines[0].control_number, paid.lines[0].allowed) == ("L1", Decimal("100.00"))
    assert (paid.is_reversal, paid.is_forwarded, paid.interest) == (False, False, None)
    assert (forwarded.is_forwarded, forwarded.interest) == (True, Decimal("1.27"))
    assert (taken_back.is_reversal, taken_back.paid) == (True, Decimal("-40.00"))
    assert paid.lines[1].submitted_procedure == Procedure("HC", "G0327")


def test_segments_nobody_foresaw_are_kept_and_stop_nothing() -> None:
    text = file_of(remittance_of(paid_claim()))
    text = text.replace("SVC*HC:G0463", "ZZ9*NEW~\nSVC*WK:G0463").replace("LQ*HE*N130", "LQ*RX*75~\nXY1*?")
    text = text.replace("LX*1", "TS3*1*11~\nLX*1").replace("SE*31*", "SE*34*")
    count = text.count("~") - 4
    text = "\n".join(f"SE*{count}*0001~" if line.startswith("SE*") else line for line in text.splitlines())

    found = read_one(text)

    assert [segment.tag for segment in found.unread] == ["TS3"]
    assert [segment.tag for segment in found.claims[0].unread] == ["ZZ9"]
    assert [segment.tag for segment in found.claims[0].lines[0].unread] == ["LQ", "XY1"]
    assert found.claims[0].lines[0].procedure.kind == "WK"


def spoil(old: str, new: str, *, remittance: Remittance | None = None) -> Remittance:
    text = file_of(remittance or check_with_everything())
    assert old in text
    return read_one(text.replace(old, new, 1))


def test_a_line_out_of_balance_is_found_with_its_figures() -> None:
    found = spoil("SVC*HC:G0463:25*120*85", "SVC*HC:G0463:25*120*86")

    (finding,) = check_balance(found)

    assert (finding.level, finding.segment, finding.tag) == ("line", found.claims[0].lines[0].position, "SVC")
    assert (finding.expected, finding.found, finding.difference) == (
        Decimal("85.00"),
        Decimal("86.00"),
        Decimal("1.00"),
    )
    assert "P100 G0463" in finding.sentence


def test_a_claim_and_its_check_out_of_balance_are_both_found() -> None:
    findings = check_balance(spoil("CLP*P100*1*150.5*85", "CLP*P100*1*150.5*84"))

    assert [(each.level, each.difference) for each in findings] == [
        ("claim", Decimal("-1.00")),
        ("check", Decimal("1.00")),
    ]


def test_a_provider_adjustment_with_the_wrong_sign_unbalances_the_check() -> None:
    (finding,) = check_balance(spoil("WO:P099*25", "WO:P099*-25"))

    assert (finding.level, finding.tag, finding.difference) == ("check", "BPR", Decimal("-50.00"))


def test_the_writer_refuses_what_does_not_balance_unless_told() -> None:
    wrong = replace(remittance_of(paid_claim()), payment_amount=Decimal("1.00"))

    with pytest.raises(X12Error) as caught:
        file_of(wrong)
    assert caught.value.rule == "balance"
    assert len(check_balance(read_one(file_of(wrong, must_balance=False)))) == 1


@pytest.mark.parametrize(
    ("old", "new", "tag", "element", "rule"),
    [
        ("BPR*I*106.27", "BPR*I*NaN", "BPR", 2, "amount"),
        ("BPR*I*106.27", "BPR*I*1e9", "BPR", 2, "amount"),
        ("BPR*I*106.27", "BPR*I*", "BPR", 2, "missing"),
        ("************20260120~", "************20260230~", "BPR", 16, "date"),
        ("TRN*1*EFT1001", "TRN*1*", "TRN", 2, "missing"),
        ("CLP*P100*1*150.5*85", "CLP*P100*1*150.5*-0", "CLP", 4, "amount"),
        ("CLP*P100*1*150.5*85", "CLP*P100*1*1.005*85", "CLP", 3, "amount"),
        ("CLP*P100*1", "CLP**1", "CLP", 1, "missing"),
        ("CLP*P100*1", "CLP*P100*", "CLP", 2, "missing"),
        ("SVC*HC:G0463:25*120*85", "SVC*HC:G0463:25*120*", "SVC", 3, "missing"),
        ("DTM*472*20260102", "DTM*472*20260231", "DTM", 2, "date"),
        ("CAS*CO*45*20", "CAS*CO*45*twenty", "CAS", 3, "amount"),
        ("CAS*CO*45*20", "CAS*CO**20", "CAS", 2, "missing"),
        ("CAS*CO*45*20", "CAS**45*20", "CAS", 1, "missing"),
        ("WO:P099*25", "*25", "PLB", 3, "missing"),
        ("WO:P099*25", "WO:P099*", "PLB", 4, "missing"),
        ("AMT*B6*100", "AMT*B6*free", "AMT", 2, "amount"),
        ("N1*PR*", "N1*XX*", "N1", 0, "missing"),
        ("ST*835*", "ST*837*", "ST", 1, "kind"),
    ],
)
def test_what_the_books_rest_on_is_refused_where_it_is_wrong(
    old: str, new: str, tag: str, element: int, rule: str
) -> None:
    with pytest.raises(X12Error) as caught:
        spoil(old, new)

    if tag != "N1":
        assert (caught.value.tag, caught.value.element) == (tag, element)
    assert caught.value.rule == rule
    assert caught.value.segment > 0


def test_two_checks_in_one_file_are_accepted_and_refused_each_by_itself() -> None:
    other = replace(remittance_of(paid_claim()), trace_number="EFT1002")
    text = file_of(check_with_everything(), other).replace("CLP*P101*19*150.5", "CLP*P101*19*x", 1)

    bad, good = read_each_remittance(text)

    assert isinstance(bad, X12Error)
    assert (bad.tag, bad.element) == ("CLP", 3)
    assert good == other


def test_the_same_check_sent_with_other_separators_has_the_same_digest() -> None:
    text = file_of(check_with_everything())
    again = text.replace("\n", "").replace("*", "|").replace("~", "\r\n").replace("0001", "0777")

    one, two = read_one(text), read_one(again)

    assert one.digest == two.digest != ""
    assert one.digest == digest(list(next(EnvelopeReader(text))))
    assert one.digest != read_one(file_of(remittance_of(paid_claim()))).digest


def test_a_stream_gives_claims_one_at_a_time_and_the_rest_at_the_end() -> None:
    text = file_of(check_with_everything())
    stream = RemittanceStream(next(EnvelopeReader(text)))

    paid = sum((claim.paid for claim in stream), Decimal("0.00"))
    kept = sum((each.amount for each in stream.provider_adjustments), Decimal("0.00"))

    assert stream.header.trace_number == "EFT1001"
    assert check_total(stream.header, claims_paid=paid, kept=kept) == []
    assert stream.digest == read_one(text).digest


def test_one_claim_told_in_two_parts_stays_two_claim_payments() -> None:
    line, other = paid_claim().lines
    one = replace(paid_claim(), charge=line.charge, paid=line.paid, lines=(line,))
    two = replace(paid_claim(), charge=other.charge, paid=other.paid, lines=(other,))

    found = read_one(file_of(remittance_of(one, two)))

    assert [claim.patient_control_number for claim in found.claims] == ["P100", "P100"]
    assert found.claims == (one, two)


def test_a_finding_shows_claim_level_adjustments_in_the_claims_balance() -> None:
    claim = replace(forwarded_claim(), adjustments=(Adjustment("CO", "253", Decimal("1.70")),))
    remittance = remittance_of(claim)

    assert check_balance(remittance) == [
        Finding("claim", 0, "CLP", "P101", expected=Decimal("83.30"), found=Decimal("85.00"))
    ]


cents = st.integers(-500_000, 500_000).map(lambda number: Decimal(number).scaleb(-2).quantize(Decimal("0.01")) + 0)
texts = st.text("ABCXYZ0189 -./'&", min_size=1, max_size=20).map(str.strip).filter(bool)
codes = st.text("ABCXYZ0189", min_size=1, max_size=5)
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
adjustments = st.lists(
    st.builds(
        Adjustment,
        st.sampled_from(["CO", "PR", "OA", "PI"]),
        codes,
        cents,
        st.none() | st.integers(1, 99).map(Decimal),
    ),
    max_size=14,
).map(tuple)


@st.composite
def lines(draw: st.DrawFn) -> ServicePayment:
    """A line that balances."""
    changes = draw(adjustments)
    paid = draw(cents)
    first = draw(days)
    return replace(
        VISIT,
        procedure=Procedure("HC", draw(codes), tuple(draw(st.lists(codes, max_size=4)))),
        charge=paid + sum((each.amount for each in changes), Decimal("0.00")),
        paid=paid,
        first_day=first,
        last_day=first,
        adjustments=changes,
        remark_codes=tuple(draw(st.lists(codes, max_size=3))),
    )


@st.composite
def claims(draw: st.DrawFn) -> ClaimPayment:
    """A claim that balances."""
    own = draw(st.lists(lines(), max_size=4))
    changes = draw(adjustments)
    charge = sum((line.charge for line in own), Decimal("0.00")) if own else draw(cents)
    adjusted = sum((line.adjusted for line in own), sum((each.amount for each in changes), Decimal("0.00")))
    return replace(
        paid_claim(),
        patient_control_number=draw(texts),
        status=draw(st.sampled_from(["1", "2", "4", "19", "22"])),
        charge=charge,
        paid=charge - adjusted,
        adjustments=changes,
        lines=tuple(own),
        remark_codes=tuple(draw(st.lists(codes, max_size=5))),
    )


provider_adjustments = st.lists(
    st.builds(ProviderAdjustment, codes, days, codes, texts | st.just(""), cents), max_size=14
).map(tuple)


@settings(max_examples=150, deadline=None)
@given(st.lists(claims(), max_size=4), provider_adjustments)
def test_any_balanced_remittance_reads_back_equal(
    drawn: list[ClaimPayment], kept: tuple[ProviderAdjustment, ...]
) -> None:
    remittance = remittance_of(*drawn, kept=kept)

    found = read_one(file_of(remittance))

    assert found == remittance
    assert check_balance(found) == []
