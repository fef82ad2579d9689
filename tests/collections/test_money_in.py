"""Money by the link and by the lockbox: once each, to the cent, and a sentence for everything else."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from clinic import clock
from clinic.errors import ClinicError
from clinic.models import User
from collections_app.models import LockboxFile, LockboxItem, PayLink, Statement
from collections_app.services import lockbox
from collections_app.services.pay_links import path_of, pay_by_link
from collections_app.services.statements import issue_statement
from collections_app.tasks import read_lockbox
from ledger.accounts import Account
from ledger.cards.simulator import Simulator
from ledger.models import Payment
from ledger.queries.balances import credit_of
from ledger.services.payments import receive_payment
from tests.collections.conftest import START, after, another
from tests.factories.ledger import PatientAccount, at

D = Decimal
GOOD, DECLINED, SILENT = "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0000 0000 0119"


@pytest.fixture(autouse=True)
def no_counts_from_other_tests() -> None:
    cache.clear()


@pytest.fixture
def statement(acct: PatientAccount) -> Statement:
    acct.owed("85.00")
    return issue_statement(guarantor=acct.guarantor, by=None)


def send(client: Client, link: PayLink, number: str = GOOD, expires: str = "01/28", asked: str = "85.00") -> Any:
    return client.post(path_of(link), {"number": number, "expires": expires, "asked": asked})


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_books")
class TestPayLink:
    def test_the_page_shows_clinic_and_amount_and_nothing_of_the_patient(self, client: Client, statement: Statement):
        answer = client.get(path_of(statement.pay_link))

        page = answer.content.decode()
        assert answer.status_code == 200
        assert "$85.00" in page
        assert "Lakeview Family Clinic" in page
        assert "no-store" in answer["Cache-Control"]
        for private in (statement.guarantor.last_name, "G0439", statement.guarantor.number):
            assert private not in page
        assert statement.guarantor.last_name.lower() not in path_of(statement.pay_link).lower()

    def test_pays_the_statement_once(self, client: Client, statement: Statement):
        answer = send(client, statement.pay_link)

        statement.pay_link.refresh_from_db()
        payment = Payment.objects.get()
        assert answer.status_code == 200
        assert payment.number in answer.content.decode()
        assert (payment.method, payment.amount, statement.pay_link.payment) == ("link", D("85.00"), payment)
        assert (at(Account.PAT), at(Account.CARD)) == (D("0.00"), D("85.00"))
        assert Simulator().charged_cents() == 8500

    def test_a_double_click_charges_once_and_says_the_same(self, client: Client, statement: Statement):
        first, second = send(client, statement.pay_link), send(client, statement.pay_link)

        assert first.content == second.content
        assert Payment.objects.count() == 1
        assert Simulator().charged_cents() == 8500

    def test_a_used_link_says_so(self, client: Client, statement: Statement):
        send(client, statement.pay_link)

        assert "This link was used on 03/02/2026" in client.get(path_of(statement.pay_link)).content.decode()

    def test_an_expired_link_takes_no_money(self, client: Client, statement: Statement):
        with after(61):
            looked, sent = client.get(path_of(statement.pay_link)), send(client, statement.pay_link)

        assert (looked.status_code, sent.status_code) == (410, 422)
        assert "has expired" in looked.content.decode()
        assert "has expired" in sent.content.decode()
        assert not Payment.objects.exists()

    @pytest.mark.parametrize("token", ["x", "00000000000070008000000000000000:abc", "ü", "a" * 500])
    def test_a_link_that_is_not_ours_opens_nothing(self, token: str, client: Client, statement: Statement):
        answer = client.get(f"/collections/pay/{token}/")

        assert answer.status_code == 404
        assert "not valid" in answer.content.decode()

    def test_a_link_of_another_row_cannot_be_made_by_changing_the_id(
        self, client: Client, acct: PatientAccount, statement: Statement
    ):
        other = another(acct)
        other.owed("70.00")
        theirs = issue_statement(guarantor=other.guarantor, by=None).pay_link

        forged = path_of(statement.pay_link).replace(statement.pay_link.pk.hex, theirs.pk.hex)

        assert client.get(forged).status_code == 404

    def test_nothing_due_any_more(self, client: Client, acct: PatientAccount, statement: Statement):
        receive_payment(guarantor=acct.guarantor, amount=D("85.00"), method="cash", kind="balance", key="p", by=None)

        assert "Nothing is due on this statement" in client.get(path_of(statement.pay_link)).content.decode()
        assert send(client, statement.pay_link).status_code == 422
        assert Payment.objects.count() == 1

    def test_the_amount_changed_since_the_page_was_opened(
        self, client: Client, acct: PatientAccount, statement: Statement
    ):
        receive_payment(guarantor=acct.guarantor, amount=D("20.00"), method="cash", kind="balance", key="p", by=None)

        answer = send(client, statement.pay_link)

        assert answer.status_code == 422
        assert "The amount has changed to $65.00" in answer.content.decode()
        assert Simulator().charged_cents() == 0

    def test_declined_then_another_card(self, client: Client, statement: Statement):
        declined = send(client, statement.pay_link, number=DECLINED)
        paid = send(client, statement.pay_link)

        assert (declined.status_code, paid.status_code) == (422, 200)
        assert "declined" in declined.content.decode()
        assert [p.status for p in Payment.objects.order_by("created_at")] == ["declined", "posted"]

    def test_a_silent_processor_is_looked_up_not_charged_again(self, client: Client, statement: Statement):
        silent = send(client, statement.pay_link, number=SILENT)
        looked = client.get(path_of(statement.pay_link))
        again = pay_by_link(link=statement.pay_link)

        assert silent.status_code == 409
        assert "being carried out" in looked.content.decode()
        assert again.status == "posted"
        assert Simulator().charged_cents() == 8500

    @pytest.mark.parametrize(
        ("number", "expires", "sentence"),
        [
            ("4242", "01/28", "not a card number"),
            ("4242 4242 4242 4241", "01/28", "not a card number"),
            (GOOD, "13/28", "as on the card"),
            (GOOD, "01/20", "expired"),
            ("", "01/28", "required"),
        ],
    )
    def test_bad_cards_get_a_sentence(
        self, number: str, expires: str, sentence: str, client: Client, statement: Statement
    ):
        answer = send(client, statement.pay_link, number=number, expires=expires)

        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert not Payment.objects.exists()

    def test_too_many_tries_from_one_address_wait(self, client: Client, statement: Statement):
        answers = [send(client, statement.pay_link, number="4242").status_code for _ in range(9)]

        assert answers == [422] * 8 + [429]
        with clock.at(clock.now() + timedelta(minutes=11)):
            assert send(client, statement.pay_link).status_code == 200


HEAD = "statement,amount,check,date\n"


def file_of(*lines: str) -> bytes:
    return (HEAD + "\n".join(lines) + "\n").encode()


def take(content: bytes) -> LockboxFile:
    row, _new = lockbox.keep_file(name="box.csv", content=content, by=None)
    lockbox.read_files()
    row.refresh_from_db()
    return row


@pytest.mark.django_db
@pytest.mark.usefixtures("clean_books")
class TestLockbox:
    def test_a_line_posts_to_its_statements_guarantor(self, acct: PatientAccount, statement: Statement):
        row = take(file_of(f"{statement.number},85.00,1047,2026-03-01"))

        payment = Payment.objects.get()
        assert row.status == "read"
        assert (payment.method, payment.reference, payment.guarantor) == ("lockbox", "1047", acct.guarantor)
        assert (at(Account.PAT), at(Account.BANK)) == (D("0.00"), D("85.00"))
        assert LockboxItem.objects.get().status == "posted"

    def test_the_same_file_is_kept_and_posted_once(self, statement: Statement):
        content = file_of(f"{statement.number},85.00,1047,2026-03-01")

        first = take(content)
        second, is_new = lockbox.keep_file(name="again.csv", content=content, by=None)
        lockbox.read_files()

        assert (second, is_new) == (first, False)
        assert Payment.objects.count() == 1

    def test_another_file_with_the_same_check_posts_nothing(self, statement: Statement):
        take(file_of(f"{statement.number},50.00,1047,2026-03-01"))
        take(file_of(f"{statement.number},50.00,1047,2026-03-01", ""))
        take(file_of(f"{statement.number},50.00,1047,2026-03-01", f"{statement.number},35.00,1048,2026-03-01"))

        assert sorted(Payment.objects.values_list("amount", flat=True)) == [D("35.00"), D("50.00")]
        problems = LockboxItem.objects.filter(status="unmatched").values_list("problem", flat=True)
        assert len(problems) == 2
        assert all("was posted before, on receipt R" in p for p in problems)

    def test_two_equal_checks_in_one_file_are_two_payments(self, acct: PatientAccount, statement: Statement):
        take(file_of(*[f"{statement.number},40.00,7,2026-03-01"] * 2))

        assert Payment.objects.count() == 2
        assert at(Account.PAT) == D("5.00")

    def test_more_than_owed_stays_as_credit(self, acct: PatientAccount, statement: Statement):
        take(file_of(f"{statement.number},100.00,1047,2026-03-01"))

        assert credit_of(acct.guarantor) == D("15.00")

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            ("S9999,85.00,1047,2026-03-01", "No statement has the number S9999."),
            ("{n},-5,1047,2026-03-01", "The amount must be more than $0.00."),
            ("{n},1e9,1047,2026-03-01", "larger than any amount"),
            ("{n},25.005,1047,2026-03-01", "more than two decimal places"),
            ("{n},NaN,1047,2026-03-01", "not an amount of money"),
            ("{n},,1047,2026-03-01", "The amount must be more than $0.00."),
            ("{n},85.00,,2026-03-01", "The check number is missing."),
            ("{n},85.00,1047,03/01/2026", "The date is not a day as YYYY-MM-DD."),
            ("{n},85.00,1047,2026-03-09", "The date lies in the future."),
            ("{n},85.00,1047", "This line has 3 values instead of 4."),
            (",85.00,1047,2026-03-01", "No statement has the number (none)."),
        ],
    )
    def test_a_bad_line_stands_on_the_worklist_and_the_others_post(
        self, line: str, sentence: str, statement: Statement
    ):
        row = take(file_of(line.format(n=statement.number), f"{statement.number},20.00,1,2026-03-01"))

        bad, good = row.items.order_by("line")
        assert (bad.status, good.status, bad.line) == ("unmatched", "posted", 2)
        assert sentence in bad.problem
        assert Payment.objects.get().amount == D("20.00")

    @pytest.mark.parametrize(
        "content", [b"\x00\xff\xfe binary", b"a,b\n1,2\n", b"statement,amount,check\n", b'statement,amount,check,date\n"unclosed,1,2,3\n']
    )  # fmt: skip
    def test_what_is_no_lockbox_file_is_refused_whole(self, content: bytes, statement: Statement):
        row = take(content)

        assert row.status == "refused"
        assert row.problem.endswith(".")
        assert not LockboxItem.objects.exists()

    @pytest.mark.parametrize("content", [b"", b" \n "])
    def test_an_empty_file_is_not_kept(self, content: bytes):
        with pytest.raises(ClinicError, match="empty"):
            lockbox.keep_file(name="x.csv", content=content, by=None)

        assert not LockboxFile.objects.exists()

    def test_a_person_matches_what_the_worker_could_not(self, statement: Statement, cora: User):
        take(file_of("S9999,85.00,1047,2026-03-01"))
        item = LockboxItem.objects.get()

        with pytest.raises(ClinicError, match="No statement has this number"):
            lockbox.match_item(item=item, statement_number="S1", by=cora)
        lockbox.match_item(item=item, statement_number=statement.number.lower(), by=cora)
        with pytest.raises(ClinicError, match="settled already"):
            lockbox.match_item(item=item, statement_number=statement.number, by=cora)

        assert at(Account.PAT) == D("0.00")
        assert Payment.objects.count() == 1

    def test_a_check_matched_by_hand_is_not_posted_again_by_the_banks_corrected_file(
        self, statement: Statement, cora: User
    ):
        take(file_of("S9999,50.00,1047,2026-03-01"))
        lockbox.match_item(item=LockboxItem.objects.get(), statement_number=statement.number, by=cora)

        take(file_of(f"{statement.number},50.00,1047,2026-03-01"))
        take(file_of("S9999,50.00,1047,2026-03-01", ""))
        again = LockboxItem.objects.get(status="unmatched", statement_number="S9999")
        with pytest.raises(ClinicError, match="was posted before, on receipt R"):
            lockbox.match_item(item=again, statement_number=statement.number, by=cora)

        assert Payment.objects.count() == 1
        assert at(Account.PAT) == D("35.00")

    def test_the_worker_takes_files_from_the_folder(self, statement: Statement, tmp_path: Path, settings: Any):
        settings.LOCKBOX_DIR = tmp_path / "box"
        settings.LOCKBOX_DIR.mkdir()
        (settings.LOCKBOX_DIR / "a.csv").write_bytes(file_of(f"{statement.number},85.00,1047,2026-03-01"))

        read_lockbox()
        read_lockbox()

        assert Payment.objects.get().received_on == START
        assert LockboxItem.objects.get().paid_on == date(2026, 3, 1)
