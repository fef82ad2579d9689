"""The same 835 in eight ways (reliability.md R3), files of others, and the command."""

import json
import random
from io import StringIO
from pathlib import Path
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import connection

from billing.models import ClaimResponse, RefusedRemittance, Remittance
from billing.services import posting, remittances
from clearinghouse.models import Transmission
from clinic.models import Claim
from ledger.accounts import Account
from ledger.queries.balances import balance
from tests.billing.desk import make_claim
from tests.billing.payer_desk import D, advice, answer, file_of, post, reversal, take
from tests.factories.clinic import PayerFactory, VisitFactory

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "x12" / "corpus" / "835"


@pytest.fixture
def claim(visit, coverage, fees, partner, morning):
    return make_claim(visit, "G0439").move_to(Claim.Status.SUBMITTED, by=None)


@pytest.fixture
def paid(claim):
    return advice([answer(claim, ("110", "CO-45 40"))], payer_id=claim.payer.payer_id)


def verdicts(payload, name="a.835"):
    return [v.verdict for v in remittances.import_bytes(payload=payload, name=name, by=None)]


def remit_balance(claim):
    posting.post_due()
    return balance(Account.REMIT, payer=claim.payer)


def test_again_under_another_name_with_other_line_ends_is_a_repeat(claim, paid):
    payload = file_of(paid)
    other_ends = payload.replace(b"~", b"~\r\n")

    assert verdicts(payload) == ["accepted"]
    assert verdicts(payload, "renamed.835") == ["repeated"]
    assert verdicts(other_ends) == ["repeated"]
    assert verdicts(file_of(paid, control="000000777")) == ["repeated"]
    assert remit_balance(claim) == D("110.00")


def test_a_repeat_says_when_it_was_first_taken(claim, paid):
    take(paid)

    assert "Taken on 03/05/2026" in take(paid)[0].reason


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_are_taken_once(claim, paid):
    payload = file_of(paid)
    got: list[str] = []

    def run(n: int) -> None:
        got.extend(verdicts(payload.replace(b"~", b"~" + b"\n" * (n % 3)), f"{n}.835"))
        connection.close()

    racers = [Thread(target=run, args=(n,)) for n in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert sorted(got) == ["accepted", *["repeated"] * 7]
    assert Remittance.objects.count() == 1


def test_the_rest_of_a_check_in_a_later_file_posts_only_what_is_new(claim, paid, visit):
    other = make_claim(VisitFactory(patient=visit.patient, provider=visit.provider), "G0439")
    other.move_to(Claim.Status.SUBMITTED, by=None)
    whole = advice([paid.claims[0], answer(other, ("100", "CO-45 50"))], payer_id=claim.payer.payer_id)

    post(take(paid))
    second = take(whole)[0]
    posting.post_due()

    assert (second.verdict, second.claims, second.matched) == ("accepted", 2, 1)
    assert ClaimResponse.objects.filter(status="posted").count() == 2
    assert balance(Account.REMIT, payer=claim.payer) == D("210.00")


def test_a_part_cut_off_a_check_is_refused_with_the_difference(claim, paid):
    cut = advice([paid.claims[0]], payer_id=claim.payer.payer_id, amount="210.00")

    verdict = remittances.import_bytes(payload=file_of(cut, must_balance=False), name="cut.835", by=None)[0]

    refusal = RefusedRemittance.objects.get()
    assert (verdict.verdict, verdict.segment) == ("refused", refusal.segment)
    assert refusal.difference == D("100.00")
    assert not Remittance.objects.exists()
    assert Transmission.objects.filter(direction="in").count() == 1


def test_two_checks_of_equal_amounts_are_two_payments(claim, visit):
    other = make_claim(VisitFactory(patient=visit.patient, provider=visit.provider), "G0439")
    other.move_to(Claim.Status.SUBMITTED, by=None)
    first = advice([answer(claim, ("110", "CO-45 40"))], payer_id=claim.payer.payer_id, check="EFT1")
    second = advice([answer(other, ("110", "CO-45 40"))], payer_id=claim.payer.payer_id, check="EFT2")

    take(first, second)

    assert remit_balance(claim) == D("220.00")


def test_reversal_and_correction_in_one_file_post_in_their_order(claim, paid):
    post(take(paid))
    pair = [reversal(claim, ("110", "CO-45 40")), answer(claim, ("120", "CO-45 30"), number="ICN2")]

    take(advice(pair, payer_id=claim.payer.payer_id, check="EFT2"))

    assert remit_balance(claim) == D("120.00")


def test_the_same_check_number_from_another_payer_is_another_check(claim, paid):
    PayerFactory(payer_id="OTHER1")
    take(paid)

    assert take(advice(list(paid.claims), payer_id="OTHER1"))[0].verdict == "accepted"
    assert Remittance.objects.count() == 2
    assert remit_balance(claim) == D("110.00")


def test_files_of_one_check_that_pass_its_amount_are_held(claim, paid, visit):
    other = make_claim(VisitFactory(patient=visit.patient, provider=visit.provider), "G0439")
    other.move_to(Claim.Status.SUBMITTED, by=None)
    post(take(paid))

    held = take(advice([answer(other, ("110", "CO-45 40"))], payer_id=claim.payer.payer_id))[0]

    assert held.remittance is not None
    assert held.remittance.status == Remittance.Status.HELD
    assert "more than its" in held.reason
    assert remit_balance(claim) == D("110.00")


def test_a_check_for_another_payee_is_said_so_and_held_whole(claim, paid):
    verdict = take(advice(list(paid.claims), payer_id=claim.payer.payer_id, payee_npi="1234567893"))[0]

    assert (verdict.verdict, verdict.matched, verdict.held) == ("accepted", 0, 1)
    assert "not this practice" in verdict.reason
    assert remit_balance(claim) == D("0.00")


@pytest.mark.parametrize("payload", [b"", b"\x00\xff\xfe" * 400, b"PK\x03\x04zip", "ISA*gibberish".encode("utf-16")])
def test_what_is_no_835_is_refused_with_a_sentence(claim, payload):
    verdict = remittances.import_bytes(payload=payload, name="x", by=None)[0]

    assert verdict.verdict == "refused"
    assert verdict.segment is not None
    assert verdict.reason


def test_a_file_cut_at_any_byte_is_never_half_taken(claim, paid):
    payload = file_of(paid)
    dice = random.Random(7)

    for cut in sorted(dice.sample(range(1, len(payload) - 30), 40)):
        assert verdicts(payload[:cut])[-1] == "refused"

    assert not Remittance.objects.exists()
    assert verdicts(payload) == ["accepted"]


def test_fifty_megabytes_of_one_segment_are_refused(claim):
    payload = file_of(advice([], amount="0")).split(b"BPR")[0] + b"BPR*" + b"A" * 50_000_000

    assert verdicts(payload) == ["refused"]


def run_command(*files, as_json=True):
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command("import_remittance", *map(str, files), *(["--json"] if as_json else []), stdout=out, stderr=err)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def test_the_command_prints_one_object_a_check_and_ends_with_0(claim, paid, tmp_path):
    path = tmp_path / "remit.835"
    path.write_bytes(file_of(paid))

    code, lines, _ = run_command(path)

    assert code == 0
    assert lines == [
        {"file": str(path), "verdict": "accepted", "trace_number": "EFT1", "claims": 1, "matched": 1, "held": 0,
         "segment": None, "reason": ""}
    ]  # fmt: skip


def test_a_path_that_cannot_be_read_ends_with_2_and_the_others_are_taken(claim, paid, tmp_path):
    path = tmp_path / "remit.835"
    path.write_bytes(file_of(paid))

    code, lines, err = run_command(tmp_path / "missing.835", path)

    assert (code, len(lines)) == (2, 1)
    assert "missing.835" in err


@pytest.mark.skipif(not CORPUS.exists(), reason="../shared is not there")
def test_every_835_of_the_corpus_gets_a_verdict_twice_and_the_books_stay_clean(practice, morning):
    files = sorted(CORPUS.glob("*.edi"))

    code, first, _ = run_command(*files)
    again_code, second, _ = run_command(*files)

    assert (code, again_code) == (0, 0)
    assert {line["file"] for line in first} == {str(f) for f in files}
    assert all(line["segment"] for line in first if line["verdict"] == "refused")
    assert not [line for line in second if line["verdict"] == "accepted"]
    assert not ClaimResponse.objects.filter(status__in=("posted", "matched")).exists()
    call_command("verify_ledger", stdout=StringIO())
