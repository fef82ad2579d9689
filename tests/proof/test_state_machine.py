"""Any sequence of what happens to a visit's money (reliability.md R6), against the plain model of balances.

Charges, claims, 999, 277CA, 835 paid, denied, reversed and corrected, write-offs, payments and plans go through the
real services and real X12; after each step every balance is the model's, and verify_ledger's checks hold.
"""

import os
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing.services.charges import finish_charges
from billing.services.resend import resend_rejected
from billing.services.resubmission import correct_claim
from billing.services.submission import submit_ready
from clinic import clock
from clinic.models import Claim, Role
from collections_app.models import Installment, PaymentPlan
from collections_app.services.installments import take_installment
from collections_app.services.payment_plans import cancel_plan, open_plan
from ledger.accounts import Account, WriteOff
from ledger.queries.balances import account_balance, balance, credit_of, owed_by_coverage
from ledger.services.entries import write_off
from ledger.services.payments import receive_payment
from ledger.services.verification import verify
from tests.billing.desk import MORNING, capture, make_fees, make_partner, make_route
from tests.billing.payer_desk import advice, answer, post, reversal, take
from tests.billing.test_acks import bring, file_277ca, file_999
from tests.factories.clinic import CoverageFactory, PatientFactory, ProviderFactory, UserFactory, VisitFactory
from tests.proof.model_of_balances import ZERO, Answer, Books
from x12.ack_999 import Verdict

D = Decimal
Status = Claim.Status
CODES = ("G0439", "G0101")
AMOUNTS = {"G0439": D("150.00"), "G0101": D("80.00")}
ON_ITS_WAY = (Status.SUBMITTED, Status.RECEIVED, Status.ACCEPTED)
LONG = bool(os.environ.get("TANDEM_PROOF"))
pick = st.integers(0, 50)
percent = st.integers(0, 100)
cents = st.integers(1, 12_000).map(lambda n: D(n) / 100)


class Office(RuleBasedStateMachine):
    """One guarantor, one payer, any number of visits of two lines each."""

    prove_each_step = False

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world._from_testcase = True
        self.world.__enter__()
        self.time = clock.at(MORNING)
        self.time.__enter__()
        self.books = Books()
        self.visits: list[Any] = []
        self.claims: list[Claim] = []
        self.checks = self.keys = 0

    @initialize()
    def open_the_practice(self) -> None:
        make_fees()
        self.mona = UserFactory(role=Role.BILLING_MANAGER)
        self.patient = PatientFactory()
        self.coverage = CoverageFactory(patient=self.patient)
        self.partner = make_partner()
        make_route(self.coverage.payer, self.partner)
        self.provider = ProviderFactory()
        self.charge(two=True)

    def teardown(self) -> None:
        try:
            if self.visits:
                self.proved()
        finally:
            self.time.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.world.__exit__(None, None, None)

    def key(self) -> str:
        self.keys += 1
        return f"machine-{self.keys}"

    def claims_in(self, *states: str) -> list[Claim]:
        return list(Claim.objects.filter(status__in=states, patient=self.patient).order_by("number"))

    def lines_of(self, claim: Claim) -> list[int]:
        return self.books.of_visit(self.visits.index(claim.visit))

    def charges(self) -> list[Any]:
        return [c for v in self.visits for c in v.charges.order_by("created_at", "id")]

    # Out

    @rule(two=st.booleans())
    def charge(self, two: bool) -> None:
        visit = VisitFactory(patient=self.patient, provider=self.provider, status="checked_out")
        codes = CODES if two else CODES[:1]
        capture(visit, *codes)
        finish_charges(visit=visit, by=None)
        self.visits.append(visit)
        for code in codes:
            self.books.charge(len(self.visits) - 1, AMOUNTS[code])

    @rule()
    def clock_makes_and_sends(self) -> None:
        from billing.services.make import make_due_claims

        make_due_claims()
        submit_ready()

    def _ack(self, claim: Claim) -> tuple[str, str]:
        sending = claim.submissions.order_by("-attempt").first()
        return sending.interchange_number, sending.group_number

    @precondition(lambda self: self.claims_in(Status.SUBMITTED))
    @rule(n=pick, refused=st.booleans())
    def comes_999(self, n: int, refused: bool) -> None:
        claim = self._one(n, Status.SUBMITTED)
        said = Verdict.REJECTED if refused else Verdict.ACCEPTED
        self.keys += 1
        bring(self.partner, file_999(said, group=self._ack(claim)[1], number=self.keys))

    @precondition(lambda self: self.claims_in(Status.SUBMITTED, Status.RECEIVED))
    @rule(n=pick, refused=st.booleans())
    def comes_277ca(self, n: int, refused: bool) -> None:
        claim = self._one(n, Status.SUBMITTED, Status.RECEIVED)
        self.keys += 1
        said = (claim.control_number, "A7" if refused else "A2", "" if refused else f"ICN{self.keys}")
        bring(self.partner, file_277ca(said, number=self.keys, batch="".join(self._ack(claim))))

    @precondition(lambda self: self.claims_in(Status.REJECTED, Status.SYNTAX_REJECTED))
    @rule(n=pick)
    def rejected_goes_again(self, n: int) -> None:
        claim = self._one(n, Status.REJECTED, Status.SYNTAX_REJECTED)
        resend_rejected(claim=claim, by=self.mona, reason="their system was down", unchanged=True)

    # The payer's money

    @precondition(lambda self: self.claims_in(*ON_ITS_WAY, Status.REVERSED))
    @rule(n=pick, paid=percent, share=percent, second=st.sampled_from(["paid", "denied"]))
    def payer_pays(self, n: int, paid: int, share: int, second: str) -> None:
        """Of what is left after `paid` percent, `share` percent are the patient's and the rest contractual."""
        claim = self._one(n, *ON_ITS_WAY, Status.REVERSED)
        told: dict[int, Answer | None] = {}
        for place, line in enumerate(self.lines_of(claim)):
            amount = self.books.lines[line].amount
            money = (amount * paid / 100).quantize(D("0.01"))
            owes = ((amount - money) * share / 100).quantize(D("0.01"))
            if not money and not owes:
                owes = amount
            told[line] = None if place and second == "denied" else Answer(money, amount - money - owes, owes)
        self._answer(claim, told)

    @precondition(lambda self: self.claims_in(*ON_ITS_WAY, Status.REVERSED))
    @rule(n=pick)
    def payer_denies(self, n: int) -> None:
        claim = self._one(n, *ON_ITS_WAY, Status.REVERSED)
        self._answer(claim, dict.fromkeys(self.lines_of(claim)))

    def _answer(self, claim: Claim, told: dict[int, Answer | None]) -> None:
        self._check(answer(claim, *self._said(told), number=f"ICN{claim.pk}"))
        self.books.answered(self.visits.index(claim.visit), told)

    def _said(self, told: dict[int, Answer | None]) -> list[tuple[str, str]]:
        rows = []
        for line, one in told.items():
            if one is None:
                rows.append(("0", f"CO-50 {self.books.lines[line].amount}"))
                continue
            parts = [f"{name} {value}" for name, value in (("CO-45", one.contractual), ("PR-1", one.share)) if value]
            rows.append((str(one.paid), ", ".join(parts)))
        return rows

    def _check(self, payment: Any) -> None:
        self.checks += 1
        verdicts = take(
            advice([payment], payer_id=self.coverage.payer.payer_id, check=f"EFT{self.checks}", plb=self._plb(payment))
        )
        rows = post(verdicts)
        assert [(r.status, r.responses.get().held_reason) for r in rows] == [("posted", "")]

    def _plb(self, payment: Any) -> str:
        """A check cannot be negative: what is taken back is announced as still owed (FB forward balance)."""
        return f"FB FORWARD {payment.paid}" if payment.paid < 0 else ""

    @precondition(lambda self: self._reversible())
    @rule(n=pick)
    def payer_reverses(self, n: int) -> None:
        may = self._reversible()
        claim = may[n % len(may)]
        told = {line: self.books.lines[line].answer for line in self.lines_of(claim)}
        self._check(reversal(claim, *self._said(told), number=f"ICN{claim.pk}"))
        self.books.reversed(self.visits.index(claim.visit))

    def _reversible(self) -> list[Claim]:
        return [
            claim
            for claim in self.claims_in(Status.PAID, Status.PARTIALLY_PAID, Status.ADJUDICATED)
            if not any(self.books.lines[line].lost for line in self.lines_of(claim))
        ]

    @precondition(lambda self: self._correctable())
    @rule(n=pick)
    def biller_corrects(self, n: int) -> None:
        may = self._correctable()
        claim = may[n % len(may)]
        charge = claim.lines.order_by("position").first().charge
        correct_claim(
            claim=claim, changes={}, line_changes={charge.pk: {"modifiers": ["25", "59", "76"][: claim.sequence]}},
            reason="a modifier was missing", by=self.mona,
        )  # fmt: skip

    def _correctable(self) -> list[Claim]:
        """Denied whole, given up nowhere, and the last of its lineage."""
        return [
            claim
            for claim in self.claims_in(Status.DENIED)
            if claim.sequence < 4
            and not any(self.books.lines[line].lost for line in self.lines_of(claim))
            and not Claim.objects.filter(control_number=claim.control_number, sequence__gt=claim.sequence).exists()
        ]

    @precondition(lambda self: self._correctable())
    @rule(n=pick)
    def manager_gives_up_the_payer(self, n: int) -> None:
        may = self._correctable()
        claim = may[n % len(may)]
        for line in self.lines_of(claim):
            charge = self.charges()[line]
            write_off(
                charge=charge, coverage=self.coverage, amount=self.books.lines[line].ins, reason=WriteOff.DENIED,
                key=self.key(), by=self.mona,
            )  # fmt: skip
            self.books.give_up_payer(line)

    # The patient's money

    @rule(n=pick, amount=cents)
    def patient_pays_a_copay(self, n: int, amount: Decimal) -> None:
        visit = n % len(self.visits)
        self._receive(amount, "copay", self.visits[visit])
        self.books.copay(visit, amount)

    @rule(amount=cents)
    def patient_pays_the_balance(self, amount: Decimal) -> None:
        self._receive(amount, "balance", None)
        self.books.balance_paid(amount)

    def _receive(self, amount: Decimal, kind: str, visit: Any) -> None:
        receive_payment(
            guarantor=self.patient.guarantor, amount=amount, method="check", kind=kind, key=self.key(), by=self.mona,
            visit=visit, reference="1",
        )  # fmt: skip

    @precondition(lambda self: any(line.pat > ZERO for line in self.books.lines))
    @rule(n=pick, part=st.integers(1, 100))
    def small_balance_is_given_up(self, n: int, part: int) -> None:
        owing = [n for n, line in enumerate(self.books.lines) if line.pat > ZERO]
        line = owing[n % len(owing)]
        amount = max((self.books.lines[line].pat * part / 100).quantize(D("0.01")), D("0.01"))
        write_off(
            charge=self.charges()[line], coverage=None, amount=amount, reason=WriteOff.SMALL, key=self.key(), by=self.mona
        )  # fmt: skip
        self.books.give_up_small(line, amount)

    def _settled(self) -> set[int]:
        """Visits that wait for no payer."""
        waiting = {self.visits.index(c.visit) for c in Claim.objects.filter(status__in=Claim.UNSETTLED)}
        waiting |= {line.visit for line in self.books.lines if line.ins > ZERO}
        return set(range(len(self.visits))) - waiting

    @precondition(lambda self: not self.books.has_plan and self.books.due_of(self._settled()) >= D("50.00"))
    @rule()
    def balance_goes_on_a_plan(self) -> None:
        plan = open_plan(guarantor=self.patient.guarantor, parts=2, by=self.mona)
        assert plan.principal == self.books.to_plan(self._settled())

    @precondition(lambda self: self.books.has_plan and self.books.on_plan() > ZERO)
    @rule(amount=cents)
    def installment_is_paid(self, amount: Decimal) -> None:
        amount = min(amount, self.books.on_plan())
        row = Installment.objects.filter(plan=self._plan()).order_by("position").first()
        take_installment(installment=row, method="check", amount=amount, reference="1", key=self.key(), by=self.mona)
        self.books.installment(amount)

    @precondition(lambda self: self.books.has_plan)
    @rule()
    def plan_is_cancelled(self) -> None:
        plan = self._plan()
        if plan is not None:
            cancel_plan(plan=plan, reason="asked for", by=self.mona)
        self.books.plan_ended()

    def _plan(self) -> PaymentPlan | None:
        return PaymentPlan.objects.filter(status="active").first()

    def _one(self, n: int, *states: str) -> Claim:
        rows = self.claims_in(*states)
        return rows[n % len(rows)]

    # What holds after each step

    @invariant()
    def every_balance_is_the_models(self) -> None:
        if not self.visits:
            return
        assert self.books.adds_up()
        told = [(line.ins, line.pat, line.plan) for line in self.books.lines]
        assert [self._stands(charge) for charge in self.charges()] == told
        guarantor = self.patient.guarantor
        credits = [credit_of(guarantor, visit) for visit in self.visits]
        assert credits == [self.books.visit_credit[n] for n in range(len(self.visits))]
        assert credit_of(guarantor) - sum(credits, ZERO) == self.books.account_credit
        assert balance(Account.REMIT, payer=self.coverage.payer) == self._with_forwarded()
        if self.prove_each_step:
            self.proved()

    def _stands(self, charge: Any) -> tuple[Decimal, Decimal, Decimal]:
        return (
            owed_by_coverage(charge=charge, coverage=self.coverage),
            account_balance(Account.PAT, charge=charge),
            account_balance(Account.PLAN, charge=charge),
        )

    def _with_forwarded(self) -> Decimal:
        """What forward balances keep back lies in RECOUP, not in the checks."""
        return self.books.from_payers - balance(Account.RECOUP, payer=self.coverage.payer)

    def proved(self) -> None:
        verdict = verify()
        assert verdict.holds, verdict.worst()
        assert verdict.cents_lost == 0


def run(examples: int, steps: int, *, prove_each_step: bool) -> None:
    machine = type("Office", (Office,), {"prove_each_step": prove_each_step})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None, print_blob=True,
            suppress_health_check=list(HealthCheck), derandomize=not LONG,
            phases=(Phase.explicit, Phase.generate, Phase.shrink) if LONG else (Phase.explicit, Phase.generate),
        ),
    )  # fmt: skip


@pytest.mark.django_db
def test_fifty_runs_of_thirty_steps_never_leave_the_model() -> None:
    run(50, 30, prove_each_step=False)


@pytest.mark.proof
@pytest.mark.django_db
def test_two_hundred_runs_of_sixty_steps_are_proved_at_each_step() -> None:
    run(200, 60, prove_each_step=True)
