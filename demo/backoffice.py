"""The back office, played: a biller, a manager and a collector who work what waits on their lists, once a day.

Each decision is one that a person could make from what the record, the payer or the patient says.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from billing.models import ClaimResponse, Denial
from billing.queries.worklists import needs_correction, no_answer, rejected
from billing.services import denials, resubmission
from billing.services.charges import change_charge
from billing.services.check_desk import dismiss
from billing.services.claims import bill_uninsured, edit_claim, refresh_claim, release_claim
from billing.services.resend import resend_rejected, send_again
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.world import AuthorizationOnFile
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Claim, Coverage, Location
from collections_app.models import CollectionCase
from collections_app.services.cases import note_call
from collections_app.services.payment_plans import open_plan
from collections_app.services.referrals import approve_referral, request_referral
from demo.desk import Desk
from demo.patients import GOOD_CARD, deposit_checks, kind_of
from demo.people import Person
from demo.world import World
from insurance.services import coverage as coverages
from insurance.services.prior_auth import record_authorization
from ledger.models import Payment
from ledger.queries.balances import owed_by_patient
from ledger.services.cards import keep_card
from ledger.services.payments import receive_payment

log = logging.getLogger(__name__)

CERTIFICATE = "14D0000002"
A_DRUG = "00517290225"
RETRO_GRANTED = 2
"""Every second retro-authorization is granted."""


@dataclass
class BackOffice:
    world: World
    book: Book
    desk: Desk
    persons: dict[object, Person]
    """By patient id: what the person would say when asked."""

    def work(self) -> None:
        """One working day. A thing that a rule refuses stays on its list and is tried the next day."""
        biller, collector = self.world.users["biller"], self.world.users["collector"]
        with audit.acting(audit.actor_for(biller)):
            for work in (self._edits, self._rejections, self._lost, self._held, self._denials):
                work()
        with audit.acting(audit.actor_for(collector)):
            self._calls()
            self._referrals()
        if clock.today().weekday() == 4:
            deposit_checks(biller)

    def attempt(self, what: str, act: "object") -> bool:
        try:
            act()  # type: ignore[operator]
        except ClinicError as error:
            log.info("left for tomorrow: %s: %s", what, error.sentence)
            return False
        return True

    def _edits(self) -> None:
        for claim in list(needs_correction()):
            self.attempt("edits", lambda claim=claim: self._mend(claim))

    def _mend(self, claim: Claim) -> None:
        by = self.world.users["biller"]
        codes = {f["code"] for f in claim.findings if f.get("severity") != "warn"}
        if "clia_missing" in codes:
            self.put_certificate_on_file()
            edit_claim(claim=claim, changes={"clia_number": CERTIFICATE}, by=by)
        elif "ndc_missing" in codes:
            for line in claim.lines.select_related("charge"):
                if line.code.startswith("J"):
                    change_charge(charge=line.charge, changes={"ndc": A_DRUG}, by=by)
        elif "authorization_missing" in codes:
            self._authorize_afterwards(claim)
            refresh_claim(claim=claim, by=by)
        elif claim.status == Claim.Status.HELD:
            release_claim(claim=claim, by=by)
        else:
            refresh_claim(claim=claim, by=by)

    def put_certificate_on_file(self) -> None:
        """The second site's CLIA number, entered by the administrator."""
        if not self.world.west.clia_number:
            self.world.west.clia_number = CERTIFICATE
            self.world.west.save(update_fields=["clia_number", "updated_at"])
            Location.objects.filter(pk=self.world.west.pk).update(clia_number=CERTIFICATE, updated_at=clock.now())

    def _rejections(self) -> None:
        by = self.world.users["biller"]
        for claim in list(rejected()):
            person = self.persons.get(claim.patient_id)

            def mend(claim: Claim = claim, person: Person | None = person) -> None:
                if person is not None and person.true_member_id:
                    coverages.change_member_id(
                        coverage=claim.coverage, member_id=person.true_member_id, by=by, why="asked the patient"
                    )
                    claim.refresh_from_db()
                resend_rejected(claim=claim, by=by, reason="Corrected as the rejection says.")

            if (
                not self.attempt("rejected", mend)
                and claim.submitted_at
                and (clock.now() - claim.submitted_at).days > 30
            ):
                self.attempt("rejected for good", lambda claim=claim: self._give_up_claim(claim))

    def _give_up_claim(self, claim: Claim) -> None:
        bill_uninsured(
            claim=claim, reason="No payer knows the patient, who has no other cover.", by=self.world.users["biller"]
        )

    def _lost(self) -> None:
        for claim in list(no_answer()):
            if claim.status == Claim.Status.FORWARDED:
                continue
            self.attempt(
                "lost", lambda claim=claim: send_again(
                    claim=claim, by=self.world.users["biller"], reason="The payer has no record of it."
                )
            )  # fmt: skip

    def _held(self) -> None:
        for response in ClaimResponse.objects.filter(status=ClaimResponse.Status.HELD, claim=None):
            self.attempt("held", lambda response=response: dismiss(
                response=response, reason="Not a claim of ours, says the payer.", by=self.world.users["biller"]))  # fmt: skip

    def _denials(self) -> None:
        waiting = Denial.objects.filter(
            status=Denial.Status.OPEN, corrections__outcome="left", created_at__lt=clock.now() - timedelta(days=1)
        ).select_related("claim__coverage", "claim__payer", "claim__patient", "claim__visit", "charge")
        for denial in waiting.order_by("deadline_on", "charge__code", "claim__number").distinct():
            if not self.attempt("denial", lambda denial=denial: self._work(denial)):
                self.attempt(
                    "denial given up", lambda denial=denial: self._write_off(denial, "No way forward was found.")
                )

    def _work(self, denial: Denial) -> None:
        person = self.persons.get(denial.claim.patient_id)
        code = denial.reason_code
        by = self.world.users["biller"]
        if code in ("31", "140") and person is not None and person.true_member_id:
            coverages.change_member_id(
                coverage=denial.claim.coverage, member_id=person.true_member_id, by=by, why="asked the patient"
            )
            denial.claim.coverage.refresh_from_db()
            self._correct(denial, {}, {}, "Member id as on the card.")
        elif code in ("22", "24", "109") and person is not None and person.other_payer_id:
            resubmission.bill_other_payer(
                claim=denial.claim, coverage=self._cover_told(denial, person), reason="The patient named the first payer.",
                by=by,
            )  # fmt: skip
        elif code in ("26", "27"):
            if person is not None and person.other_payer_id:
                resubmission.bill_other_payer(
                    claim=denial.claim,
                    coverage=self._cover_told(denial, person),
                    by=by,
                    reason="The patient has other cover.",
                )
            else:
                denials.bill_patient(denial=denial, by=by, why="No other cover, says the patient.")
        elif code == "16" and denial.charge.code.startswith("J"):
            self._correct(denial, {}, {denial.charge_id: {"ndc": A_DRUG}}, "NDC from the clinician.")
        elif code == "16" and "MA120" in denial.remark_codes:
            self.put_certificate_on_file()
            self._correct(denial, {"clia_number": CERTIFICATE}, {}, "CLIA number put on file.")
        elif code in ("197", "198", "15"):
            number = self._authorize_afterwards(denial.claim)
            self._correct(denial, {"prior_authorization_number": number}, {}, "Authorized afterwards.")
        elif code == "4":
            self._correct(denial, {}, {denial.charge_id: {"modifiers": []}}, "Modifier was not right, says the coder.")
        elif denial.group == "PR" and code in ("96", "49", "204", "119"):
            denials.bill_patient(denial=denial, by=by, why="Benefit used up or excluded; the patient was told.")
        else:
            self._write_off(denial, "Looked into; the payer is right.")

    def _correct(
        self, denial: Denial, changes: dict[str, object], lines: dict[object, dict[str, object]], why: str
    ) -> None:
        resubmission.correct_claim(
            claim=denial.claim, changes=changes, line_changes=lines, reason=why, by=self.world.users["biller"]
        )

    def _write_off(self, denial: Denial, why: str) -> None:
        denials.write_off_denial(
            denial=denial,
            requested_by=self.world.users["biller"],
            approved_by=self.world.users["billing_manager"],
            why=why,
        )

    def _authorize_afterwards(self, claim: Claim) -> str:
        """Ask the payer for an authorization after the fact. Some are granted, some are not."""
        by = self.world.users["biller"]
        day = claim.visit.service_date
        if int(claim.control_number.lstrip("C")) % RETRO_GRANTED:
            raise ClinicError("The payer grants no authorization afterwards.")
        number = f"RA{claim.control_number}"
        line = claim.lines.first()
        code = line.code if line else ""
        known = claim.coverage.prior_authorizations.filter(number=number).exists()
        if not known:
            self.book.add_authorization(
                AuthorizationOnFile(
                    payer_id=claim.payer.payer_id, number=number, member_id=claim.coverage.member_id, code=code,
                    starts_on=day - timedelta(days=7), ends_on=day + timedelta(days=90), units=6,
                )
            )  # fmt: skip
            record_authorization(
                coverage=claim.coverage, number=number, codes=[code], units=6, starts_on=day - timedelta(days=7),
                ends_on=day + timedelta(days=90), by=by,
            )  # fmt: skip
        for row in claim.lines.select_related("charge"):
            if row.code == code and claim.status == Claim.Status.EDITS_FAILED:
                change_charge(charge=row.charge, changes={"prior_authorization_number": number}, by=by)
        return number

    def _cover_told(self, denial: Denial, person: Person) -> Coverage:
        """What the patient says on the telephone, put on file."""
        by = self.world.users["biller"]
        payer = self.world.payers[person.other_payer_id]
        day = denial.charge.service_date
        known = Coverage.objects.on(day).filter(patient=denial.claim.patient, payer=payer).first()
        if known is None:
            taken = set(Coverage.objects.on(day).filter(patient=denial.claim.patient).values_list("order", flat=True))
            place = next(n for n in range(1, 5) if n not in taken)
            known = coverages.add_coverage(
                patient=denial.claim.patient, payer=payer, member_id=person.other_member_id, order=place, by=by,
                starts_on=day - timedelta(days=300),
            )  # fmt: skip
        if denial.reason_code in ("22", "24", "109"):
            coverages.put_before(coverage=known, by=by, why="the patient says who pays first")
            known.refresh_from_db()
        return known

    def _calls(self) -> None:
        by = self.world.users["collector"]
        for case in CollectionCase.objects.filter(status=CollectionCase.Status.CALL).select_related("guarantor"):
            self.attempt("call", lambda case=case: note_call(case=case, note="Spoke about the balance.", by=by))
            kind = kind_of(case.guarantor)
            owed = owed_by_patient(guarantor=case.guarantor)
            if owed <= 0 or kind == "never":
                continue
            if kind == "plan" and owed >= 50:
                self.attempt("plan", lambda case=case: self._plan(case))
            else:
                self.attempt("payment", lambda case=case, owed=owed: receive_payment(
                    guarantor=case.guarantor, amount=owed, method=Payment.Method.CARD_TERMINAL, kind=Payment.Kind.BALANCE,
                    key=f"call-{case.number}-{clock.today():%Y%m%d}", reference=f"TEL{case.number}", by=by))  # fmt: skip

    def _plan(self, case: CollectionCase) -> None:
        """Two installments, charged by themselves to the card that the guarantor reads out."""
        by = self.world.users["collector"]
        card = keep_card(
            guarantor=case.guarantor, number=GOOD_CARD, expires_on=clock.today() + timedelta(days=700), by=by
        )
        open_plan(guarantor=case.guarantor, parts=2, card_token=card, by=by)

    def _referrals(self) -> None:
        cases = CollectionCase.objects.filter(status=CollectionCase.Status.FINAL, answer_by__lt=clock.today())
        for case in cases.select_related("guarantor"):

            def refer(case: CollectionCase = case) -> None:
                asked = request_referral(case=case, agency="Midwest Recovery", by=self.world.users["collector"])
                approve_referral(case=asked, by=self.world.users["billing_manager"])

            self.attempt("referral", refer)
