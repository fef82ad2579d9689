"""What lies on a clinic's desks in its last weeks, for the demo: plans asked for on the telephone, an appeal, records
sent, a write-off and refunds that wait for a second person. All by the services, on a person's account, by no dice.

`play_month` plays none of it: its back office finishes everything.
"""

from datetime import timedelta

from billing.models import Denial, WriteOffRequest
from billing.services import appeals, denials
from billing.services.write_offs import request_write_off
from clinic import audit, clock
from clinic.models import Claim, Guarantor, Hold
from collections_app.models import PaymentPlan, Statement
from collections_app.services.holds import hold_account
from collections_app.services.payment_plans import open_plan
from demo.backoffice import BackOffice
from demo.patients import GOOD_CARD, deposit_checks, kind_of
from ledger.models import Payment, Refund
from ledger.queries.balances import owed_by_patient
from ledger.queries.payments import lies_as_credit
from ledger.services.cards import keep_card
from ledger.services.refunds import approve_refund, request_refund

DECLINED_CARD = "4000000000000002"
CALLS_AFTER = timedelta(days=8)
FIRST_PART_AFTER = timedelta(days=10)
WORTH_A_PLAN, WORTH_THREE_PARTS = 50, 75
LOOKED_AT_AFTER = timedelta(days=3)
DECIDED_AFTER = timedelta(days=7)
TUESDAY, FRIDAY = 1, 4


class Leftovers:
    """Played each working day of the demo; `is_behind` once the denials wait for whoever signs in."""

    def __init__(self, office: BackOffice) -> None:
        self._office = office
        self._users = office.world.users

    def tend(self, *, is_behind: bool) -> None:
        with audit.acting(audit.actor_for(self._users["collector"])):
            self._plans()
            self._dispute()
        if not is_behind:
            return
        with audit.acting(audit.actor_for(self._users["biller"])):
            self._denials()
            if clock.today().weekday() == FRIDAY:
                deposit_checks(self._users["biller"])
        if clock.today().weekday() == TUESDAY:
            self._refunds()

    def _plans(self) -> None:
        """Who cannot pay at once calls a week after the first statement. Every second one reads out a card without cover."""
        today = clock.today()
        sent = Statement.objects.filter(issued_on=today - CALLS_AFTER, notice=Statement.Notice.STATEMENT)
        for statement in sent.select_related("guarantor").order_by("number"):
            guarantor = statement.guarantor
            owed = owed_by_patient(guarantor=guarantor)
            if kind_of(guarantor) == "plan" and owed >= WORTH_A_PLAN:
                parts = 3 if owed >= WORTH_THREE_PARTS else 2
                self._office.attempt("plan", lambda g=guarantor, n=parts: self._open(g, n))

    def _open(self, guarantor: Guarantor, parts: int) -> PaymentPlan:
        by, today = self._users["collector"], clock.today()
        number = DECLINED_CARD if PaymentPlan.objects.count() % 2 else GOOD_CARD
        card = keep_card(guarantor=guarantor, number=number, expires_on=today + timedelta(days=700), by=by)
        return open_plan(guarantor=guarantor, parts=parts, card_token=card, starts_on=today + FIRST_PART_AFTER, by=by)

    def _dispute(self) -> None:
        """One guarantor writes that the bill is wrong."""
        if Hold.objects.filter(reason=Hold.Reason.DISPUTE).exists():
            return
        late = Statement.objects.filter(issued_on=clock.today() - CALLS_AFTER, notice=Statement.Notice.REMINDER)
        for statement in late.select_related("guarantor").order_by("number"):
            if kind_of(statement.guarantor) in ("call", "never"):
                hold_account(
                    guarantor=statement.guarantor, reason=Hold.Reason.DISPUTE, by=self._users["collector"],
                    note="Writes that the visit was never theirs; answer by letter.",
                )  # fmt: skip
                return

    def _denials(self) -> None:
        """Of what the worker left: an appeal here, records there, a write-off asked for. The others wait."""
        fresh = clock.now() - LOOKED_AT_AFTER
        waiting = Denial.objects.filter(status=Denial.Status.OPEN, corrections__outcome="left", created_at__lt=fresh)
        for denial in waiting.select_related("claim__visit", "claim__patient", "payer").order_by("created_at", "id"):
            self._office.attempt("denial", lambda denial=denial: self._one(denial))

    def _one(self, denial: Denial) -> None:
        by = self._users["biller"]
        is_mine = int("".join(c for c in denial.claim.control_number if c.isdigit())) % 2
        if denial.reason_code == "50" and is_mine:
            appeals.appeal(denial=denial, note="Chart notes and the payer's own policy, by fax.", by=by)
        elif denial.reason_code == "252" and is_mine:
            until = min(clock.today() + timedelta(days=20), denial.deadline_on)
            appeals.records_sent(denial=denial, note="Visit note sent through the payer's portal.", until=until, by=by)
        elif denial.reason_code == "96" and is_mine and not WriteOffRequest.objects.filter(denial=denial).exists():
            request_write_off(denial=denial, why="Supplies are part of the visit, says the payer's manual.", by=by)
        elif denial.assigned_to is None and is_mine:
            denials.assign(denial=denial, to=by, by=by)

    def _refunds(self) -> None:
        """A copay that the payer did not ask for goes back: one a week, and last week's is approved."""
        for refund in Refund.objects.filter(
            status="requested", created_at__lt=clock.now() - DECIDED_AFTER + timedelta(days=1)
        ):
            with audit.acting(audit.actor_for(self._users["billing_manager"])):
                self._office.attempt(
                    "refund", lambda r=refund: approve_refund(refund=r, by=self._users["billing_manager"])
                )
        copays = Payment.objects.filter(kind=Payment.Kind.COPAY, status=Payment.Status.POSTED, refunds=None)
        for payment in copays.exclude(visit__claims__status__in=Claim.UNSETTLED).order_by("received_at"):
            held = lies_as_credit(payment)
            if held > 0:
                with audit.acting(audit.actor_for(self._users["collector"])):
                    request_refund(
                        payment=payment, amount=held, reason="No copay for this visit, says the payer.",
                        key=f"demo-refund:{payment.pk}", by=self._users["collector"],
                    )  # fmt: skip
                return
