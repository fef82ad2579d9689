"""Referral to an agency and what follows: recall, its payments, bad debt. Two people where money is given away."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import ChargeItem, User
from clinic.money import ZERO, dollars, exact, positive
from clinic.services.events import emit
from collections_app.models import CollectionCase, PlacedLine
from collections_app.queries.billable import open_amounts
from collections_app.queries.cases import lines_of
from ledger.accounts import Account
from ledger.models import JournalEntry, Posting
from ledger.services import entries
from ledger.services.allocations import Share
from ledger.services.journal import lock_accounts, posted

Status = CollectionCase.Status


def _locked(case: CollectionCase) -> CollectionCase:
    lock_accounts([case.guarantor_id])
    return CollectionCase.objects.select_for_update(of=("self",)).select_related(
        "guarantor", "requested_by", "write_off_requested_by"
    ).get(pk=case.pk)  # fmt: skip


@transaction.atomic
def request_referral(*, case: CollectionCase, agency: str, by: User) -> CollectionCase:
    """The first of two people: the final notice went unanswered. Nothing is placed yet."""
    case = _locked(case)
    _may_be_referred(case)
    if not agency.strip():
        raise ClinicError("Name the agency.", field="agency")
    case.move_to(Status.REQUESTED, by=by, requested_by=by, agency=agency.strip()[:80], stage_on=clock.today())
    audit.record(act="case.referral_requested", by=by, row=case)
    return case


def _may_be_referred(case: CollectionCase) -> None:
    if case.status not in (Status.FINAL, Status.REQUESTED):
        raise ClinicError("Only an account with a final notice can be referred. Let the notices go out first.")
    if case.answer_by is None or clock.today() <= case.answer_by:
        until = f"{case.answer_by:%m/%d/%Y}" if case.answer_by else "the notice's date"
        raise ClinicError(f"The guarantor may answer the final notice until {until}. Refer the account after that.")
    if not lines_of(case):
        raise ClinicError("Nothing of this case may be placed: it is paid, on a plan or on hold.")


@transaction.atomic
def approve_referral(*, case: CollectionCase, by: User) -> CollectionCase:
    """The second person: the lines are placed with the agency, still ours (Dr AGCY / Cr PAT)."""
    case = _locked(case)
    if case.status == Status.AGENCY:
        return case
    if case.status != Status.REQUESTED or case.requested_by is None:
        raise ClinicError("Nobody has asked to refer this account. Ask first, then let a second person approve.")
    if case.requested_by_id == by.pk:
        raise ClinicError("You asked for this referral yourself. A second person approves it.")
    _may_be_referred(case)
    shares: list[Share] = [(i.charge, i.balance) for i in lines_of(case) if i.charge is not None]
    entries.to_agency(lines=shares, key=f"case:{case.pk}:agency", by=by)
    _keep_lines(case, shares)
    total = sum((amount for _c, amount in shares), ZERO)
    case.move_to(
        Status.AGENCY, by=by, approved_by=by, placed_on=clock.today(), placed_amount=total, stage_on=clock.today()
    )
    audit.record(act="case.referred", by=by, row=case, detail={"amount": str(total)})
    emit(kind="case.referred", record=case, payload={"guarantor": str(case.guarantor_id)}, by=by)
    return case


def _keep_lines(case: CollectionCase, shares: Sequence[Share]) -> None:
    PlacedLine.objects.bulk_create(PlacedLine(case=case, charge=charge, amount=amount) for charge, amount in shares)


@transaction.atomic
def refuse_referral(*, case: CollectionCase, reason: str, by: User) -> CollectionCase:
    """Back to the final notice: a person goes on by hand."""
    if not reason.strip():
        raise ClinicError("Say why it is not referred.", field="reason")
    case = _locked(case)
    case.move_to(Status.FINAL, by=by, reason=reason.strip()[:300], requested_by=None, stage_on=clock.today())
    audit.record(act="case.referral_refused", by=by, row=case, why=reason.strip())
    return case


@transaction.atomic
def recall_case(*, case: CollectionCase, reason: str, by: User) -> CollectionCase:
    """The agency gives the account back: Dr PAT / Cr AGCY, as old as it was."""
    if not reason.strip():
        raise ClinicError("Say why the account is recalled.", field="reason")
    case = _locked(case)
    if case.status != Status.AGENCY:
        raise ClinicError("This account is not at the agency.")
    entries.recall_from_agency(charges=charges_of(case), key=f"case:{case.pk}:recall", by=by)
    case.move_to(Status.RECALLED, by=by, reason=reason.strip()[:300], closed_on=clock.today(), stage_on=clock.today())
    audit.record(act="case.recalled", by=by, row=case, why=reason.strip())
    emit(kind="case.recalled", record=case, payload={"guarantor": str(case.guarantor_id)}, by=by)
    return case


@transaction.atomic
def record_agency_payment(
    *, case: CollectionCase, collected: Decimal, fee: Decimal, reference: str, key: str, by: User | None
) -> JournalEntry:
    """The agency collected `collected` from the patient, kept `fee` and sent the rest. The patient gets the gross."""
    case = _locked(case)
    if case.status not in CollectionCase.PLACED:
        raise ClinicError("This account is not at the agency. Take the money as a payment on the account.")
    before = posted(key)
    if before is not None:
        return before
    shares = _spread(case, positive(collected, "What the agency collected"))
    entry = entries.agency_remitted(lines=shares, fee=exact(fee), key=key, by=by, reference=reference.strip()[:80])
    audit.record(act="case.agency_paid", by=by, row=case, detail={"collected": str(collected), "fee": str(fee)})
    if still_owed(case) <= ZERO:
        case.move_to(Status.CLOSED, by=by, reason="Collected in full", closed_on=clock.today())
    return entry


def _spread(case: CollectionCase, collected: Decimal) -> list[Share]:
    """Over the placed lines, the oldest first: what is open there, then what was written off."""
    shares: list[Share] = []
    left = collected
    owed = _owed_by_line(case)
    for charge in charges_of(case):
        part = min(left, owed.get(charge.pk, ZERO))
        if part > ZERO:
            shares.append((charge, part))
            left -= part
    if left > ZERO:
        raise ClinicError(
            f"The agency reports {dollars(left)} more than is owed ({dollars(collected - left)}). Ask it before booking.",
            field="collected",
        )
    return shares


def _owed_by_line(case: CollectionCase) -> dict[UUID, Decimal]:
    charges = charges_of(case)
    owed = open_amounts(charges, Account.AGCY)
    rows = Posting.objects.filter(charge__in=charges, account__in=[Account.BAD, Account.BREC]).order_by()
    for row in rows.values("charge_id").annotate(total=Sum("debit") - Sum("credit")):
        owed[row["charge_id"]] = owed.get(row["charge_id"], ZERO) + max(row["total"], ZERO)
    return owed


def still_owed(case: CollectionCase) -> Decimal:
    """At the agency and written off: the patient owes both."""
    return sum(_owed_by_line(case).values(), ZERO)


@transaction.atomic
def request_write_off(*, case: CollectionCase, by: User) -> CollectionCase:
    """The first of two people gives the account up as bad debt. Nothing is posted yet."""
    case = _locked(case)
    _may_be_given_up(case)
    CollectionCase.objects.filter(pk=case.pk).update(write_off_requested_by=by, updated_at=clock.now())
    case.write_off_requested_by = by
    audit.record(act="case.write_off_requested", by=by, row=case)
    return case


def _may_be_given_up(case: CollectionCase) -> None:
    if case.status == Status.FINAL:
        _may_be_referred(case)
    elif case.status != Status.AGENCY:
        raise ClinicError("Bad debt follows a final notice or an agency. This case is not that far.")


@transaction.atomic
def approve_write_off(*, case: CollectionCase, by: User) -> CollectionCase:
    """The second person: Dr BAD / Cr AGCY or PAT. The patient still owes it; what comes later is a recovery."""
    case = _locked(case)
    if case.status == Status.WRITTEN_OFF:
        return case
    if case.write_off_requested_by is None:
        raise ClinicError("Nobody has asked to write this account off. Ask first, then let a second person approve.")
    if case.write_off_requested_by_id == by.pk:
        raise ClinicError("You asked for this write-off yourself. A second person approves it.")
    _may_be_given_up(case)
    if case.status == Status.FINAL:
        _keep_lines(case, [(i.charge, i.balance) for i in lines_of(case) if i.charge is not None])
    entries.to_bad_debt(
        charges=charges_of(case), key=f"case:{case.pk}:bad-debt", by=case.write_off_requested_by, approved_by=by
    )
    case.move_to(Status.WRITTEN_OFF, by=by, write_off_approved_by=by, stage_on=clock.today())
    audit.record(act="case.written_off", by=by, row=case)
    return case


def charges_of(case: CollectionCase) -> list[ChargeItem]:
    return [line.charge for line in case.lines.select_related("charge").order_by("charge__service_date", "id")]
