"""Whatever is billed, the answer balances on its line, its claim and its check, and nobody is paid too much."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import FEES, HARBOR, LAKESHORE, MEDICAID, MEDICARE, PRAIRIE, plant_payers
from tests.clearinghouse.clinic_side import claim, line, member, remittances, send

PLANS = {LAKESHORE: "PPO500", PRAIRIE: "CLASSIC", MEDICARE: "PARTB", MEDICAID: "STATE", HARBOR: "HMO"}
LINES = st.lists(
    st.tuples(st.sampled_from(sorted(FEES)), st.integers(1, 50_000), st.integers(1, 4), st.sampled_from(["", "25", "59"])),
    min_size=1, max_size=5,
)  # fmt: skip
numbers = count(1)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payer_id=st.sampled_from(sorted(PLANS)), billed=LINES)
def test_every_835_balances_and_pays_no_more_than_the_charge(
    partner: TradingPartner, book: Book, payer_id: str, billed: list[tuple[str, int, int, str]]
) -> None:
    if book.payer(payer_id) is None:
        plant_payers(book)
    number = next(numbers)
    person: Any = book.add_member(member(payer_id, PLANS[payer_id], member_id=f"M{number}", first_name=f"N{number}"))
    lines = [
        line(
            code,
            str(Decimal(cents).scaleb(-2)),
            number=at,
            units=Decimal(units),
            modifiers=[m for m in [modifier] if m],
        )
        for at, (code, cents, units, modifier) in enumerate(billed, start=1)
    ]
    send(partner, claim(person, *lines, number=f"C{number}"))

    checks = remittances(date(2026, 4, 30))  # each is checked for its three balances in there

    for payment in [payment for each in checks for payment in each.claims]:
        assert Decimal("0.00") <= payment.paid <= payment.charge
        assert (payment.patient_responsibility or Decimal("0.00")) + payment.paid <= payment.charge
        assert all(each.amount > 0 for paid_line in payment.lines for each in paid_line.adjustments)
