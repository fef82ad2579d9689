"""What a clinic would send, built by hand, and the payers' answers read back. All people are made up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from clearinghouse.models import TradingPartner, Transmission
from clearinghouse.services import exchange
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.world import Member
from clinic import clock
from x12 import Address, Contact, Party
from x12.claim_837p import (
    GROUP_KIND,
    VERSION,
    BillingProvider,
    Claim,
    ClaimBatch,
    Payer,
    Procedure,
    Receiver,
    RenderingProvider,
    ServiceLine,
    Submitter,
    Subscriber,
    write_claims,
)
from x12.eligibility_270_271 import Asked, Inquiry, Person, Response, read_responses, write_inquiry
from x12.remittance_835 import ClaimPayment, Remittance, ServicePayment, check_balance, read_remittances

MONDAY = date(2026, 3, 2)
SEEN_ON = date(2026, 2, 26)
HOME = Address("9 ELM STREET", "CHICAGO", "IL", "60613")
CLINIC = BillingProvider(
    last_name="LAKEVIEW FAMILY CLINIC", is_person=False, npi="1234567893", tax_id="361234567", taxonomy="207Q00000X",
    address=Address("100 HARBOR STREET", "CHICAGO", "IL", "606130001"),
    contact=Contact(name="BILLING OFFICE", telephone="3125550100"),
)  # fmt: skip
DOCTOR = RenderingProvider(last_name="OKAFOR", first_name="DEE", npi="1999999976", taxonomy="207Q00000X")


def member(payer_id: str, plan_id: str, **changes: Any) -> Member:
    fields: dict[str, Any] = {
        "payer_id": payer_id, "plan_id": plan_id, "member_id": "M100200300", "last_name": "ABARA",
        "first_name": "NINA", "birth_date": date(1980, 5, 17), "sex": "F", "starts_on": date(2025, 1, 1),
    }  # fmt: skip
    return Member(**{**fields, **changes})


def line(code: str = "Z0213", charge: str = "150.00", *, number: int = 1, **changes: Any) -> ServiceLine:
    fields: dict[str, Any] = {
        "procedure": Procedure("HC", code, tuple(changes.pop("modifiers", ()))), "charge": Decimal(charge),
        "units": Decimal(1), "diagnosis_pointers": (1,), "first_day": SEEN_ON, "last_day": SEEN_ON,
        "control_number": f"L{number}",
    }  # fmt: skip
    return ServiceLine(**{**fields, **changes})


def claim(person: Member, *lines: ServiceLine, number: str = "C1", **changes: Any) -> Claim:
    lines = lines or (line(),)
    fields: dict[str, Any] = {
        "patient_control_number": number, "charge": sum((each.charge for each in lines), Decimal("0.00")),
        "place_of_service": "11", "billing_provider": CLINIC, "rendering_provider": DOCTOR,
        "subscriber": subscriber(person), "payer": Payer(name="PAYER", identifier=person.payer_id),
        "diagnoses": ("J069",), "lines": lines,
    }  # fmt: skip
    return Claim(**{**fields, **changes})


def subscriber(person: Member, **changes: Any) -> Subscriber:
    fields: dict[str, Any] = {
        "last_name": person.last_name, "first_name": person.first_name, "member_id": person.member_id,
        "filing_indicator": "CI", "birth_date": person.birth_date, "sex": person.sex, "address": HOME,
    }  # fmt: skip
    return Subscriber(**{**fields, **changes})


def with_lines(original: Claim, *lines: ServiceLine) -> Claim:
    return replace(original, lines=lines, charge=sum((each.charge for each in lines), Decimal("0.00")))


def on(day: date, at: time = time(9, 30)) -> Any:
    return clock.at(clock.at_local(day, at))


def send(partner: TradingPartner, *claims: Claim, day: date = MONDAY) -> Transmission:
    """Through the real post office, as the biller's worker would."""
    with on(day):
        batch = ClaimBatch(
            reference="B1", created_at=datetime(2026, 3, 2, 9, 30),
            submitter=Submitter(last_name="LAKEVIEW", identifier="TANDEM01", contact=Contact(name="BILLING", telephone="3125550100")),
            receiver=Receiver(name="RELAY POINT", identifier="RELAYPOINT"), claims=claims,
        )  # fmt: skip
        count = Transmission.objects.count()
        file = exchange.post_file(
            partner=partner, kind="837P", key=f"claims-{count}",
            write=lambda numbers: numbers.envelope(
                [write_claims(batch, control_number="0001")], kind=GROUP_KIND, version=VERSION
            ),
        )  # fmt: skip
        assert exchange.deliver_due() == 1
    return file


def mail(day: date, kind: str) -> list[bytes]:
    """What of that kind has come until the end of the day and was not read before."""
    with on(day, time(23, 0)):
        exchange.collect_all()
        files = list(exchange.unread(kind))
        for file in files:
            exchange.mark_read(transmission=file, by_kind="test")
    return [bytes(file.payload) for file in files]


def remittances(day: date) -> list[Remittance]:
    """Every 835 that came until that day; each of them balances."""
    found = [remittance for payload in mail(day, "835") for remittance in read_remittances(payload)]
    assert [finding.sentence for each in found for finding in check_balance(each)] == []
    return found


def payments(day: date) -> list[ClaimPayment]:
    return [payment for each in remittances(day) for payment in each.claims]


def told(payment: ClaimPayment | ServicePayment) -> list[str]:
    """Adjustments as a biller reads them: CO-45 32.80."""
    own = list(payment.adjustments)
    if isinstance(payment, ClaimPayment):
        own += [adjustment for each in payment.lines for adjustment in each.adjustments]
    return [f"{each.group}-{each.reason} {each.amount}" for each in own]


def remarks(payment: ClaimPayment) -> set[str]:
    return {code for each in payment.lines for code in each.remark_codes} | set(payment.remark_codes)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def decided(
    partner: TradingPartner, book: Book, sent: Sequence[Claim], *, until: date = date(2026, 4, 30)
) -> ClaimPayment:
    """Send, wait, and give the one answer."""
    send(partner, *sent)
    (answer,) = payments(until)
    return answer


def ask(
    partner: TradingPartner,
    person: Member,
    *,
    day: date = MONDAY,
    key: str = "",
    service_day: date | None = None,
    **changes: Any,
) -> Response:
    """A 270 in real time and the one answer. `changes` are what the clinic has otherwise than the payer."""
    known: dict[str, Any] = {
        "last_name": person.last_name, "first_name": person.first_name, "member_id": person.member_id,
        "birth_date": person.birth_date, "sex": person.sex,
    }  # fmt: skip
    inquiry = Inquiry(
        payer=Party("PR", False, "PAYER", identifier_qualifier="PI", identifier=person.payer_id),
        provider=Party("1P", False, "LAKEVIEW FAMILY CLINIC", identifier_qualifier="XX", identifier="1234567893"),
        subscriber=Person(**{**known, **changes}), asked=Asked(first_day=service_day or day), trace_number="T1",
        trace_origin="9LAKEVIEW1", reference_number="R1", created_at=datetime(2026, 3, 2, 9, 30),
    )  # fmt: skip
    with on(day):
        payload = exchange.inquire(
            partner=partner, kind="270", key=key or f"ask-{Transmission.objects.count()}",
            write=lambda numbers: numbers.envelope(
                [write_inquiry(inquiry, control_number="0001")], kind="HS", version="005010X279A1"
            ),
        )  # fmt: skip
    (response,) = read_responses(payload)
    return response
