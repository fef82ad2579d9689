"""What happened, in the trade's words; only here it is known which legs each event makes (docs/ledger.md)."""

from ledger.services.allocations import Share, allocate_credit, apply_credit, release_credit
from ledger.services.entries.agency import agency_billed, agency_remitted, to_bad_debt
from ledger.services.entries.charges import charge, fee, free_payments, undo_charge, waive_fee
from ledger.services.entries.insurance import PaidLine, insurance_payment, insurance_payments, reverse_insurance_payment
from ledger.services.entries.patient_debt import (
    from_plan,
    recall_from_agency,
    reinstate,
    self_pay_discount,
    to_agency,
    to_plan,
    transfer,
    write_off,
)
from ledger.services.entries.payer_level import (
    bank_deposit,
    capitation,
    card_payout,
    interest,
    payer_other,
    payer_refund_due,
    payer_refund_sent,
    payer_refund_withheld,
    recoup_accepted,
    recoup_announced,
    recoup_repaid,
    recoup_taken,
    virtual_card,
)
from ledger.services.entries.payer_money import (
    unidentified_check,
    unidentified_check_explained,
    unidentified_check_sent_back,
)

__all__ = [
    "PaidLine", "Share", "agency_billed", "agency_remitted", "allocate_credit", "apply_credit", "bank_deposit",
    "capitation", "card_payout", "charge", "fee", "free_payments", "from_plan", "insurance_payment", "insurance_payments", "interest",
    "payer_other", "payer_refund_due", "payer_refund_sent", "payer_refund_withheld", "recall_from_agency",
    "recoup_accepted", "recoup_announced", "recoup_repaid", "recoup_taken", "reinstate", "release_credit",
    "reverse_insurance_payment", "self_pay_discount", "to_agency", "to_bad_debt", "to_plan", "transfer", "undo_charge",
    "unidentified_check", "unidentified_check_explained", "unidentified_check_sent_back", "virtual_card", "waive_fee", "write_off",
]  # fmt: skip
