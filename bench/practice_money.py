"""The generated practice's books: a charge entry for every line, reductions of old ones, and the open items of both.

Entry ids are the charge's number (n * 4 + place), a reduction's is n * 4: entry and postings can be written by two
statements of one transaction, which is what the journal's triggers ask for.
"""

from django.db import transaction

from bench.practice import Plan, Tell
from bench.practice_rows import (
    amount_sql,
    chunks,
    insert,
    lines,
    numbered,
    one_of,
    payer_ids,
    row_id,
)
from clinic.models import ChargeItem, Coverage, Guarantor, Patient, Visit
from ledger.models import JournalEntry, OpenItem, Posting

ABOUT = {
    "charge_id": row_id(ChargeItem, "n * 4 + k"),
    "guarantor_id": row_id(Guarantor, "patient - (patient % 4) / 3"),
    "patient_id": row_id(Patient, "patient"),
    "visit_id": row_id(Visit, "n"),
}
AMOUNT = amount_sql("n", "k")
REDUCED = f"({AMOUNT} * 0.3)"


def fill(plan: Plan, tell: Tell) -> None:
    payer = one_of(payer_ids(), "patient", "uuid")
    for first, last in (*chunks(1, plan.claims), *chunks(plan.claims + 1, plan.claims + plan.self_pay)):
        with transaction.atomic():
            _charges(plan, first, last, payer)
        if last == plan.claims or last % 250_000 == 0:
            tell(f"  {last} charges in the books")
    for first, last in chunks(1, plan.first_answered - 1):
        with transaction.atomic():
            _reductions(plan, first, last, payer)


def _insurance(payer: str) -> dict[str, str]:
    return {**ABOUT, "coverage_id": row_id(Coverage, "patient"), "payer_id": payer}


def _charges(plan: Plan, first: int, last: int, payer: str) -> None:
    """Dr INS, or PAT for who pays alone, / Cr REV; the item is open since the service."""
    is_insured = last <= plan.claims
    source = f"{numbered(plan, first, last)}, {lines(plan)}"
    about = _insurance(payer) if is_insured else dict(ABOUT)
    account = "INS" if is_insured else "PAT"
    charge = row_id(ChargeItem, "n * 4 + k")
    insert(
        JournalEntry,
        {
            "id": "n * 4 + k", "key": f"'charge:' || {charge}", "kind": "'charge'", "effective_on": "day",
            "posted_at": "day::timestamptz + interval '18 hours'",
        },
        source,
    )  # fmt: skip
    sides = "(VALUES (true), (false)) AS side(is_debit)"
    insert(
        Posting,
        {
            "entry_id": "n * 4 + k", "account": f"CASE WHEN is_debit THEN '{account}' ELSE 'REV' END",
            "debit": f"CASE WHEN is_debit THEN {AMOUNT} ELSE 0 END", "credit": f"CASE WHEN is_debit THEN 0 ELSE {AMOUNT} END",
            **about,
        },
        f"{source}, {sides}",
    )  # fmt: skip
    key = f"'INS ' || {charge} || ' ' || {row_id(Coverage, 'patient')}" if is_insured else f"'PAT ' || {charge}"
    left = f"CASE WHEN {reduced(plan)} THEN {AMOUNT} - {REDUCED} ELSE {AMOUNT} END" if is_insured else AMOUNT
    insert(
        OpenItem,
        {
            "key": key, "account": f"'{account}'", "service_date": "day", "balance": left, "responsible_since": "day", **about,
        },
        source,
    )  # fmt: skip


def _reductions(plan: Plan, first: int, last: int, payer: str) -> None:
    """Dr CTR / Cr INS: 30 % given up by contract, the rest stays open. A second movement for a report of a past day."""
    source = f"{numbered(plan, first, last)}, (SELECT 1 AS k) one"
    insert(
        JournalEntry,
        {
            "id": "n * 4", "key": "'reduced:' || n", "kind": "'write_off'", "reason": "'contractual'", "effective_on": "day + 30",
            "posted_at": "(day + 30)::timestamptz + interval '18 hours'",
        },
        f"{source} WHERE {reduced(plan)}",
    )  # fmt: skip
    insert(
        Posting,
        {
            "entry_id": "n * 4", "account": "account", "debit": f"CASE account WHEN 'CTR' THEN {REDUCED} ELSE 0 END",
            "credit": f"CASE account WHEN 'INS' THEN {REDUCED} ELSE 0 END", **_insurance(payer),
        },
        f"{source}, (VALUES ('CTR'), ('INS')) AS leg(account) WHERE {reduced(plan)}",
    )  # fmt: skip


def reduced(plan: Plan) -> str:
    """SQL: every fifth claim older than 45 days."""
    return f"(n % 5 = 0 AND age > 45 AND n < {plan.first_answered})"
