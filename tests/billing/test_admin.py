"""The back office's lists of claims: to look at, and actions that call the services."""

import pytest
from django.test import Client

from clearinghouse.models import TradingPartner
from clinic.models import AuditEvent, Claim, Coverage, User, Visit
from tests.billing.desk import make_claim

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
