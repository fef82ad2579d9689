"""The back office's lists of claims: to look at, and actions that call the services."""

import pytest
from django.apps import apps
from django.test import Client

from billing.models import Correction, Denial, Remittance
from billing.services.remittances import import_bytes
from billing.services.write_offs import request_write_off
from clearinghouse.models import TradingPartner
from clinic import clock
from clinic.models import AuditEvent, Claim, Coverage, User, Visit
from tests.billing.desk import make_claim
from tests.billing.payer_desk import advice, answer, file_of, pay

pytestmark = pytest.mark.usefixtures("morning", "fees")


@pytest.fixture
def office(mona: User) -> Client:
    User.objects.filter(pk=mona.pk).update(is_staff=True)
    client = Client()
    client.force_login(mona)
    return client


def test_claims_are_listed_looked_at_and_audited(
    visit: Visit, coverage: Coverage, partner: TradingPartner, office: Client
) -> None:
    claim = make_claim(visit, "G0439")

    listed = office.get("/admin/clinic/claim/")
    shown = office.get(f"/admin/clinic/claim/{claim.pk}/change/")

    assert claim.number in listed.content.decode()
    assert shown.status_code == 200
    assert AuditEvent.objects.filter(act="patient.viewed", patient_id=visit.patient_id).exists()


def test_a_ready_claim_is_sent_by_the_lists_action_and_a_sent_one_says_why_not(
    visit: Visit, coverage: Coverage, partner: TradingPartner, office: Client
) -> None:
    claim = make_claim(visit, "G0439")
    said = {"action": "send", "_selected_action": [str(claim.pk)]}

    first = office.post("/admin/clinic/claim/", said, follow=True)
    second = office.post("/admin/clinic/claim/", said, follow=True)

    claim.refresh_from_db()
    assert claim.status == Claim.Status.SUBMITTED
    assert "Send now: 1 done." in first.content.decode()
    assert "only a ready claim can be sent" in second.content.decode()


@pytest.mark.parametrize("model", ["claimsubmission", "acknowledgment"])
def test_sendings_and_acknowledgments_are_lists(
    visit: Visit, coverage: Coverage, partner: TradingPartner, office: Client, model: str
) -> None:
    assert office.get(f"/admin/billing/{model}/").status_code == 200


@pytest.mark.parametrize(
    "model", ["denial", "correction", "writeoffrequest", "remittance", "claimresponse", "provideradjustment", "refusedremittance"]
)  # fmt: skip
def test_what_payers_answered_is_listed_and_looked_at(
    visit: Visit, coverage: Coverage, partner: TradingPartner, office: Client, bill: User, model: str
) -> None:
    _a_denied_check_with_everything(visit, bill)
    row = apps.get_model("billing", model).objects.latest("created_at")

    listed = office.get(f"/admin/billing/{model}/")
    shown = office.get(f"/admin/billing/{model}/{row.pk}/change/")

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert "No permission" not in listed.content.decode()


def test_denials_are_taken_and_checks_deposited_by_the_lists_actions(
    visit: Visit, coverage: Coverage, partner: TradingPartner, office: Client, bill: User, mona: User
) -> None:
    _a_denied_check_with_everything(visit, bill)
    denial, check = Denial.objects.get(), Remittance.objects.get()

    office.post("/admin/billing/denial/", {"action": "take", "_selected_action": [str(denial.pk)]})
    office.post("/admin/billing/remittance/", {"action": "deposited_today", "_selected_action": [str(check.pk)]})

    denial.refresh_from_db()
    check.refresh_from_db()
    assert (denial.assigned_to, check.deposited_on) == (mona, clock.today())


def _a_denied_check_with_everything(visit: Visit, bill: User) -> None:
    claim = make_claim(visit, "G0439")
    claim.move_to(Claim.Status.SUBMITTED, by=None)
    pay(claim, ("0", "CO-16 150"), plb="L6 X -5")
    denial = Denial.objects.get()
    request_write_off(denial=denial, why="small", by=bill)
    Correction.objects.create(claim=claim, denial=denial, outcome="left", rule="no rule", sentence="x")
    bad = advice([answer(claim, ("0", "CO-16 150"))], payer_id=claim.payer.payer_id, check="BAD", amount="9")
    import_bytes(payload=file_of(bad, must_balance=False), name="bad", by=None)
