"""Money stories 1 to 8 to the cent: what a payer's answer does, and what it must not do."""

from decimal import Decimal

import pytest

from clinic.errors import ClinicError
from clinic.models import User
from ledger.accounts import Account, WriteOff
from ledger.models import JournalEntry, OpenItem, Payment
from ledger.queries.balances import credit_of, owed_by_coverage, owed_by_patient, payer_balance
from ledger.services import entries
from ledger.services.day_close import make_deposit
from tests.factories.ledger import PatientAccount, at, balances, legs, prove

D = Decimal


def test_story_1_copay_visit_ends_at_zero_everywhere(acct: PatientAccount, lena: User) -> None:
    copay = acct.copay()
    line = acct.charge()
    answer = acct.paid(line, paid="85", co="40", pr="25")
    applied = entries.allocate_credit(guarantor=acct.guarantor, visit=acct.visit, key="apply-1", by=None)
    bank = entries.bank_deposit(payer=acct.payer, reference="EFT100", amount=D("85.00"), key="bank-1", by=None)
    drawer = make_deposit(location=acct.visit.location, by=lena, key="dep-1")

    assert legs(copay.entry) == balances(CASH="25", CRED="-25")
    assert legs(answer) == balances(REMIT="85", CTR="40", PAT="25", INS="-150")
    assert legs(applied) == balances(CRED="25", PAT="-25")
    assert legs(bank) == balances(BANK="85", REMIT="-85")
    assert legs(drawer.entry) == balances(BANK="25", CASH="-25")
    assert owed_by_patient(guarantor=acct.guarantor) == D("0.00")
    assert credit_of(acct.guarantor) == D("0.00")
    assert at(Account.REMIT) == at(Account.CASH) == at(Account.INS) == D("0.00")
    prove(line)


def test_story_1_copay_stays_credit_until_the_payer_answers(acct: PatientAccount) -> None:
    acct.copay()
    acct.charge()

    assert credit_of(acct.guarantor, acct.visit) == D("25.00")
    assert owed_by_patient(guarantor=acct.guarantor) == D("0.00")


def test_story_1_smaller_patient_share_leaves_the_rest_as_credit(acct: PatientAccount) -> None:
    acct.copay()
    line = acct.charge()
    acct.paid(line, paid="90", co="40", pr="20")
    entries.allocate_credit(guarantor=acct.guarantor, visit=acct.visit, key="apply-1", by=None)

    assert credit_of(acct.guarantor, acct.visit) == D("5.00")
    assert owed_by_patient(charge=line) == D("0.00")


def test_story_1_with_a_second_coverage_the_share_goes_there_and_the_copay_stays(acct: PatientAccount) -> None:
    acct.copay()
    line = acct.charge()
    acct.paid(line, paid="85", co="40", pr="25", to=acct.secondary)

    applied = entries.allocate_credit(guarantor=acct.guarantor, visit=acct.visit, key="apply-1", by=None)

    assert applied is None
    assert owed_by_coverage(charge=line, coverage=acct.secondary) == D("25.00")
    assert credit_of(acct.guarantor, acct.visit) == D("25.00")


def test_story_2_deductible_posts_no_money(acct: PatientAccount) -> None:
    line = acct.charge()

    answer = acct.paid(line, co="40", pr="110")

    assert legs(answer) == balances(CTR="40", PAT="110", INS="-150")
    assert at(Account.REMIT) == D("0.00")


def test_story_3_denial_posts_nothing_and_the_corrected_claim_is_paid(acct: PatientAccount) -> None:
    line = acct.charge()

    denied = acct.paid(line, "835-1")
    paid = acct.paid(line, "835-2", paid="85", co="40", pr="25")

    assert denied is None
    assert legs(paid) == balances(REMIT="85", CTR="40", PAT="25", INS="-150")
    assert JournalEntry.objects.count() == 2


def test_story_3_correction_changes_the_charge_before_sending(acct: PatientAccount) -> None:
    line = acct.charge("150.00")

    undone = entries.undo_charge(charge=line, key=f"undo:{line.pk}", by=None)
    line.amount = D("110.00")
    line.save()
    again = entries.charge(charge=line, coverage=acct.primary, key=f"charge:{line.pk}:2", by=None)

    assert legs(undone) == balances(REV="150", INS="-150")
    assert legs(again) == balances(INS="110", REV="-110")
    prove(line)


def test_story_4_secondary_medicare_then_medigap(acct: PatientAccount) -> None:
    line = acct.charge("200.00")

    first = acct.paid(line, "m", paid="94.08", co="80", seq="1.92", pr="24", to=acct.secondary)
    second = acct.paid(line, "s", paid="24", coverage=acct.secondary)

    assert legs(first) == balances(REMIT="94.08", CTR="80", SEQ="1.92", INS="-176")
    assert legs(second) == balances(REMIT="24", INS="-24")
    assert owed_by_coverage(charge=line, coverage=acct.primary) == D("0.00")
    assert owed_by_coverage(charge=line, coverage=acct.secondary) == D("0.00")
    assert owed_by_patient(charge=line) == D("0.00")
    prove(line)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"co": "24"}, {"CTR": "24", "INS": "-24"}),
        ({"paid": "5", "co": "19"}, {"REMIT": "5", "CTR": "19", "INS": "-24"}),
        ({"pr": "7.35"}, {"PAT": "7.35", "INS": "-7.35"}),
    ],
)
def test_story_4_other_secondaries(acct: PatientAccount, answer: dict[str, str], expected: dict[str, str]) -> None:
    line = acct.charge("200.00")
    acct.paid(line, "m", paid="94.08", co="80", seq="1.92", pr="24", to=acct.secondary)

    second = acct.paid(line, "s", coverage=acct.secondary, **answer)  # type: ignore[arg-type]

    assert legs(second) == balances(**expected)
    prove(line)


def test_story_5_reversal_frees_the_copay_and_the_correction_takes_it_again(acct: PatientAccount) -> None:
    acct.copay()
    line = acct.charge()
    first = acct.paid(line, paid="85", co="40", pr="25")
    entries.allocate_credit(guarantor=acct.guarantor, visit=acct.visit, key="apply-1", by=None)
    assert first is not None

    reversal = entries.reverse_insurance_payment(
        entry=first, key="835-2:22", payer=acct.payer, reference="EFT200", by=None
    )

    assert legs(reversal) == balances(INS="150", REMIT="-85", CTR="-40", PAT="-25")
    assert credit_of(acct.guarantor, acct.visit) == D("25.00")
    assert owed_by_patient(charge=line) == D("0.00")
    assert at(Account.REMIT, reference="EFT100") == D("85.00")
    assert at(Account.REMIT, reference="EFT200") == D("-85.00")

    acct.paid(line, "835-2:1", paid="60", co="40", pr="50", check="EFT200")
    entries.allocate_credit(guarantor=acct.guarantor, visit=acct.visit, key="apply-2", by=None)

    assert owed_by_patient(charge=line) == D("25.00")
    assert credit_of(acct.guarantor) == D("0.00")
    assert at(Account.REMIT, reference="EFT200") == D("-25.00")
    prove(line)


def test_story_5_reversal_twice_is_one_reversal(acct: PatientAccount) -> None:
    line = acct.charge()
    first = acct.paid(line, paid="85", co="40", pr="25")
    assert first is not None

    def reverse(key: str) -> JournalEntry:
        return entries.reverse_insurance_payment(entry=first, key=key, payer=acct.payer, reference="EFT200", by=None)

    assert reverse("r").pk == reverse("r").pk
    with pytest.raises(ClinicError, match="reversed before"):
        reverse("other")
    assert owed_by_coverage(charge=line, coverage=acct.primary) == D("150.00")


@pytest.mark.parametrize(
    ("move", "account"),
    [("plan", "PLAN"), ("agency", "AGCY"), ("bad", "BAD"), ("small", "SB")],
)
def test_story_5_reversal_credits_the_debt_where_it_stands(
    acct: PatientAccount, mona: User, cora: User, move: str, account: str
) -> None:
    line = acct.charge()
    first = acct.paid(line, paid="85", co="40", pr="25")
    assert first is not None
    if move == "plan":
        entries.to_plan(lines=[(line, D("25.00"))], key="plan", by=None)
    elif move == "small":
        entries.write_off(charge=line, coverage=None, amount=D("25"), reason=WriteOff.SMALL, key="sb", by=None)
    else:
        entries.to_agency(lines=[(line, D("25.00"))], key="agency", by=None)
        if move == "bad":
            entries.to_bad_debt(charges=[line], key="bad", by=cora, approved_by=mona)

    reversal = entries.reverse_insurance_payment(entry=first, key="22", payer=acct.payer, reference="EFT200", by=None)

    assert legs(reversal) == balances(INS="150", REMIT="-85", CTR="-40", **{account: "-25"})
    assert owed_by_patient(guarantor=acct.guarantor) == D("0.00")
    prove(line)


def test_story_5_partly_paid_share_is_freed_by_what_is_missing_only(acct: PatientAccount) -> None:
    line = acct.charge()
    first = acct.paid(line, paid="85", co="40", pr="25")
    assert first is not None
    acct.copay("10.00")
    entries.allocate_credit(guarantor=acct.guarantor, visit=acct.visit, key="apply-1", by=None)

    entries.reverse_insurance_payment(entry=first, key="22", payer=acct.payer, reference="EFT200", by=None)

    assert credit_of(acct.guarantor, acct.visit) == D("10.00")
    assert owed_by_patient(charge=line) == D("0.00")
    prove(line)


def test_story_6_takeback_announced_then_taken(acct: PatientAccount) -> None:
    line = acct.charge()
    first = acct.paid(line, paid="85", co="40", pr="25")
    assert first is not None
    entries.bank_deposit(payer=acct.payer, reference="EFT100", amount=D("85.00"), key="bank", by=None)

    entries.reverse_insurance_payment(entry=first, key="22", payer=acct.payer, reference="EFT200", by=None)
    announced = entries.recoup_announced(
        payer=acct.payer, reference="EFT200", amount=D("85.00"), recoupment="ICN9", key="wo-", by=None
    )
    taken = entries.recoup_taken(
        payer=acct.payer, reference="EFT300", amount=D("85.00"), recoupment="ICN9", key="wo+", by=None
    )

    assert legs(announced) == balances(REMIT="85", RECOUP="-85")
    assert legs(taken) == balances(RECOUP="85", REMIT="-85")
    assert at(Account.RECOUP) == D("0.00")
    assert at(Account.REMIT, reference="EFT200") == D("0.00")
    assert at(Account.REMIT, reference="EFT300") == D("-85.00")
    assert payer_balance(acct.payer) == D("150.00")


def test_story_6_taken_without_a_word_stays_a_debit_until_accepted(acct: PatientAccount) -> None:
    line = acct.charge()
    acct.paid(line, paid="85", co="40", pr="25")
    entries.recoup_taken(payer=acct.payer, reference="EFT300", amount=D("85.00"), key="wo+", by=None)
    assert at(Account.RECOUP) == D("85.00")

    accepted = entries.recoup_accepted(charge=line, coverage=acct.primary, amount=D("85.00"), key="accept", by=None)

    assert legs(accepted) == balances(INS="85", RECOUP="-85")
    assert at(Account.RECOUP) == D("0.00")
    prove(line)


def test_story_6_repaid_by_our_check(acct: PatientAccount) -> None:
    entries.recoup_announced(payer=acct.payer, reference="E", amount=D("85.00"), recoupment="I", key="a", by=None)

    repaid = entries.recoup_repaid(payer=acct.payer, amount=D("85.00"), recoupment="I", key="b", by=None)

    assert legs(repaid) == balances(RECOUP="85", BANK="-85")
    assert at(Account.RECOUP) == D("0.00")


def test_story_7_interest_is_never_on_the_line(acct: PatientAccount) -> None:
    line = acct.charge()
    acct.paid(line, paid="85", co="40", pr="25")

    added = entries.interest(payer=acct.payer, reference="EFT100", amount=D("3.20"), key="l6", by=None)
    kept = entries.interest(payer=acct.payer, reference="EFT100", amount=D("-1.00"), key="l6b", by=None)

    assert legs(added) == balances(REMIT="3.20", INT="-3.20")
    assert legs(kept) == balances(INT="1.00", REMIT="-1.00")
    assert owed_by_coverage(charge=line, coverage=acct.primary) == D("0.00")


def test_story_8_both_paid_as_primary(acct: PatientAccount) -> None:
    line = acct.charge()
    acct.paid(line, "p", paid="110", co="40")
    acct.paid(line, "s", paid="110", coverage=acct.secondary)
    assert owed_by_coverage(charge=line, coverage=acct.secondary) == D("-110.00")

    due = entries.payer_refund_due(
        charge=line, coverage=acct.secondary, amount=D("110.00"), reference="REF1", key="due", by=None
    )
    sent = entries.payer_refund_sent(
        payer=acct.secondary.payer, amount=D("110.00"), reference="REF1", key="sent", by=None
    )

    assert legs(due) == balances(INS="110", REFP="-110")
    assert legs(sent) == balances(REFP="110", BANK="-110")
    assert at(Account.REFP) == at(Account.INS) == D("0.00")
    prove(line)


def test_story_8_payer_keeps_the_refund_before_our_check(acct: PatientAccount) -> None:
    line = acct.charge()
    acct.paid(line, "p", paid="110", co="40")
    acct.paid(line, "s", paid="110", coverage=acct.secondary)
    payer = acct.secondary.payer
    entries.payer_refund_due(
        charge=line, coverage=acct.secondary, amount=D("110.00"), reference="REF1", key="due", by=None
    )

    kept = entries.payer_refund_withheld(
        payer=payer, amount=D("110.00"), refund_reference="REF1", reference="EFT9", key="wo", by=None
    )

    assert legs(kept) == balances(REFP="110", REMIT="-110")
    assert at(Account.REFP) == D("0.00")


def test_story_8_no_more_is_refunded_than_was_overpaid(acct: PatientAccount) -> None:
    line = acct.charge()
    acct.paid(line, "p", paid="110", co="40")

    with pytest.raises(ClinicError, match=r"Only \$0.00 was overpaid"):
        entries.payer_refund_due(
            charge=line, coverage=acct.primary, amount=D("1.00"), reference="R", key="due", by=None
        )


def test_virtual_card_stranger_refused_remittance_and_capitation(acct: PatientAccount) -> None:
    payer = acct.payer
    card = entries.virtual_card(payer=payer, reference="V1", amount=D("85.00"), key="v", by=None)
    payout = entries.card_payout(amount=D("85.00"), fee=D("2.55"), key="p", by=None)
    stranger = entries.unidentified_check(reference="CHK7", amount=D("40.00"), key="u", by=None)
    refused = entries.bank_deposit(payer=payer, reference="EFT415", amount=D("415.00"), key="d", by=None)
    capitation = entries.capitation(payer=payer, reference="CT1", amount=D("1000.00"), key="ct", by=None)

    assert legs(card) == balances(CARD="85", REMIT="-85")
    assert legs(payout) == balances(BANK="82.45", BFEE="2.55", CARD="-85")
    assert legs(stranger) == balances(BANK="40", PAYU="-40")
    assert legs(refused) == balances(BANK="415", REMIT="-415")
    assert at(Account.REMIT, reference="EFT415") == D("-415.00")
    assert legs(capitation) == balances(REMIT="1000", REVCAP="-1000")


def test_insurance_payment_under_the_same_key_is_posted_once(acct: PatientAccount) -> None:
    line = acct.charge()

    first = acct.paid(line, "835-1", paid="85", co="40", pr="25")
    second = acct.paid(line, "835-1", paid="85", co="40", pr="25")

    assert first == second
    assert owed_by_patient(charge=line) == D("25.00")
    assert Payment.objects.count() == 0


def test_stranger_s_check_is_explained_or_sent_back(acct: PatientAccount) -> None:
    entries.unidentified_check(reference="CHK7", amount=D("40.00"), key="u", by=None)
    item = OpenItem.objects.get(account=Account.PAYU)

    explained = entries.unidentified_check_explained(
        item=item, payer=acct.payer, remittance="EFT1", amount=D("30.00"), key="e", by=None
    )
    with pytest.raises(ClinicError, match=r"Only \$10.00"):
        entries.unidentified_check_sent_back(item=item, amount=D("11.00"), key="b", by=None)
    back = entries.unidentified_check_sent_back(item=item, amount=D("10.00"), key="b", by=None)

    assert legs(explained) == balances(PAYU="30", REMIT="-30")
    assert legs(back) == balances(PAYU="10", BANK="-10")
    assert at(Account.PAYU) == D("0.00")
