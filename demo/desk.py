"""The front of the house, played: booking, check-in with what a careful desk notices, charting, check-out."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from billing.services.charges import ChargeLine, capture_charges, finish_charges
from checkin.queries.due import due_at_desk
from checkin.services.arrival import arrive, check_in
from checkin.services.copay import Tender
from checkin.services.departure import check_out, move_on
from checkin.services.intake import Confirmed
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.world import AuthorizationOnFile
from clinic import audit, clock
from clinic.models import Coverage, Location, Visit
from clinic.money import ZERO
from demo.people import Person
from demo.plan import PlannedVisit
from demo.world import World
from insurance.queries import first_coverage, verdict_on
from insurance.services import coverage as coverages
from insurance.services.prior_auth import record_authorization
from ledger.models import Payment
from scheduling.models import Appointment
from scheduling.queries import next_free_slots
from scheduling.services.booking import book_appointment

MINUTE = timedelta(minutes=1)
UNHURRIED = 3
"""On the day that is looked at people wait, so that the board shows every stage."""
SPREAD_MINUTES, TURNS = 45, 9
ASKED_BEFORE = 5
GRANTED_FOR = timedelta(days=120)
CARD_REFUSED_IN = 12


@dataclass
class Desk:
    """`careful`: asks payers, reads their answers, stocks authorizations. Without it cards are simply believed."""

    world: World
    book: Book
    careful: bool

    def signed_in(self) -> AbstractContextManager[None]:
        """As if the front desk did it in its browser: the field history then names it."""
        return audit.acting(audit.actor_for(self.world.users["front_desk"]))

    def book_visit(self, plan: PlannedVisit, person: Person) -> Appointment:
        """The first free slot of that provider's day from a time on that moves from patient to patient."""
        kind = self.world.types[plan.kind]
        place = self._place(plan)
        opens = clock.at_local(plan.day, time(16) if plan.at_west else time(8), place)
        if not plan.at_west:
            turn = plan.nth // len(self.world.providers) % TURNS
            opens += (turn * SPREAD_MINUTES + plan.provider * 15) * MINUTE
        provider = self.world.providers[plan.provider]
        slot = next_free_slots(
            appointment_type=kind, providers=[provider], after=max(opens, clock.now()), count=1, location=place
        )[0]
        return book_appointment(
            patient=person.patient, provider=provider, appointment_type=kind, start=slot.start, location=place,
            reason=plan.reason, by=self.world.users["front_desk"],
        )  # fmt: skip

    def ask_authorization(self, plan: PlannedVisit, person: Person) -> None:
        """Somebody calls the payer days ahead; its number goes onto the record. Not asked: it is missing later."""
        name = plan.cause
        wanted = name == "authorization_unused" or (name == "authorization_none" and self.careful)
        escapes = plan.planted is not None and plan.planted.escapes
        if not wanted or escapes:
            return
        cover = first_coverage(person.patient, plan.day)
        if cover is None:
            return
        number = f"AU{plan.nth:05d}"
        self.book.add_authorization(
            AuthorizationOnFile(
                payer_id=person.payer_id, number=number, member_id=cover.member_id, code=plan.codes[0],
                starts_on=plan.day - timedelta(days=30), ends_on=plan.day + GRANTED_FOR, units=6,
            )
        )  # fmt: skip
        record_authorization(
            coverage=cover, number=number, codes=[plan.codes[0]], units=6, starts_on=plan.day - timedelta(days=30),
            ends_on=plan.day + GRANTED_FOR, by=self.world.users["biller"],
        )  # fmt: skip

    def see(self, plan: PlannedVisit, person: Person, appointment: Appointment, upto: datetime | None = None) -> Visit:
        """Arrival to check-out at their times of the day; what comes after `upto` has not happened yet."""
        start, pace = appointment.start, 1 if upto is None else UNHURRIED

        def at(minutes: int) -> datetime:
            return start + pace * minutes * MINUTE

        def is_ahead(minutes: int) -> bool:
            return upto is not None and at(minutes) > upto

        with clock.at(at(-5)):
            visit = arrive(appointment=appointment, by=self.world.users["front_desk"])
        if is_ahead(-3):
            return visit
        with clock.at(at(-5) if upto is None else at(-3)):
            confirmed = self._look_at_cover(plan, person)
            visit.refresh_from_db()
            check_in(
                visit=visit, appointment=appointment, confirmed=confirmed, by=self.world.users["front_desk"],
                key=f"desk-{plan.nth}", tender=self._tender(plan, person, visit),
            )  # fmt: skip
        if is_ahead(2):
            return visit
        with clock.at(at(2)):
            move_on(visit=visit, to=Visit.Status.IN_ROOM, by=self.world.users["clinician"])
        if is_ahead(4):
            return visit
        with clock.at(at(2) if upto is None else at(4)):
            move_on(visit=visit, to=Visit.Status.WITH_PROVIDER, by=self.world.users["clinician"])
        if is_ahead(9):
            return visit
        with clock.at(at(9)):
            self._chart(plan, person, visit)
            if is_ahead(12):
                return move_on(visit=visit, to=Visit.Status.READY_FOR_CHECKOUT, by=self.world.users["clinician"])
        with clock.at(at(12)):
            check_out(visit=visit, by=self.world.users["front_desk"])
        return visit

    def finish_late(self, visit: Visit) -> None:
        """The clinician closes the charges that were still open after check-out."""
        visit.refresh_from_db()
        if visit.status == Visit.Status.CHECKED_OUT:
            finish_charges(visit=visit, by=self.world.users["clinician"])

    def _place(self, plan: PlannedVisit) -> Location:
        return self.world.west if plan.at_west else self.world.location

    def _look_at_cover(self, plan: PlannedVisit, person: Person) -> Confirmed:
        """Read the payer's answer and put right what it shows, with the patient standing there."""
        by = self.world.users["front_desk"]
        patient = person.patient
        verdict = verdict_on(patient, plan.day)
        if not self.careful:
            return Confirmed(photo_id_seen=True, coverage_confirmed=True, override_reason="The card looks good.")
        check = verdict.check
        if verdict.is_inactive and verdict.coverage is not None:
            return self._other_cover(plan, person, verdict.coverage)
        if check is not None and check.returned_member_id and check.returned_name_matches:
            coverages.change_member_id(
                coverage=check.coverage, member_id=check.returned_member_id, by=by, why="payer's answer"
            )
        elif check is not None and verdict.answer == "unknown" and person.true_member_id:
            coverages.change_member_id(
                coverage=check.coverage, member_id=person.true_member_id, by=by, why="read from the card"
            )
        elif check is not None and check.other_payer_is_primary and person.other_payer_id:
            self._pays_first(plan, person)
        return Confirmed(photo_id_seen=True, address_confirmed=True, coverage_confirmed=True)

    def _other_cover(self, plan: PlannedVisit, person: Person, ended: Coverage) -> Confirmed:
        by = self.world.users["front_desk"]
        over = coverages.end_coverage(
            coverage=ended,
            ends_on=max(ended.starts_on, plan.day - timedelta(days=7)),
            reason="ended, says the payer",
            by=by,
        )
        if not person.other_payer_id:
            return Confirmed(photo_id_seen=True, agrees_self_pay=True)
        payer = self.world.payers[person.other_payer_id]
        if not Coverage.objects.on(plan.day).filter(patient=person.patient, payer=payer).exists():
            coverages.add_coverage(
                patient=person.patient, payer=payer, member_id=person.other_member_id, order=over.order, by=by,
                starts_on=(over.ends_on or plan.day) + timedelta(days=1),
            )  # fmt: skip
        return Confirmed(photo_id_seen=True, coverage_confirmed=True)

    def _pays_first(self, plan: PlannedVisit, person: Person) -> None:
        by = self.world.users["front_desk"]
        payer = self.world.payers[person.other_payer_id]
        other = Coverage.objects.on(plan.day).filter(patient=person.patient, payer=payer).first()
        if other is None:
            other = coverages.add_coverage(
                patient=person.patient, payer=payer, member_id=person.other_member_id, order=2, by=by,
                starts_on=plan.day - timedelta(days=400),
            )  # fmt: skip
        coverages.put_before(coverage=other, by=by, why="the patient and the payer say so")

    def _tender(self, plan: PlannedVisit, person: Person, visit: Visit) -> Tender | None:
        """Most pay at the desk what is due there; one in twelve has forgotten the card."""
        due = due_at_desk(patient=person.patient, on=plan.day, visit=visit)
        if due.total <= ZERO or plan.nth % CARD_REFUSED_IN == 0:
            return None
        if plan.nth % 3 == 0:
            return Tender(amount=due.total, method=Payment.Method.CASH)
        return Tender(amount=due.total, method=Payment.Method.CARD_TERMINAL, reference=f"T{plan.nth:06d}")

    def _chart(self, plan: PlannedVisit, person: Person, visit: Visit) -> None:
        by = self.world.users["clinician"]
        number = ""
        cover = first_coverage(person.patient, plan.day)
        if self.careful and plan.cause.startswith("authorization") and cover is not None:
            known = cover.prior_authorizations.filter(codes__contains=[plan.codes[0]], status="approved").first()
            number = known.number if known else ""
        lines = [
            ChargeLine(
                code=code,
                modifiers=plan.modifiers if n == 0 else (),
                prior_authorization_number=number if n == 0 else "",
            )
            for n, code in enumerate(plan.codes)
        ]
        capture_charges(visit=visit, lines=lines, diagnoses=[plan.diagnosis], by=by, bill_patient=cover is None)
        if plan.cause != "untimely":
            visit.refresh_from_db()
            finish_charges(visit=visit, by=by)


def instant(day: object, at: time, world: World) -> datetime:
    return clock.at_local(day, at, world.location)  # type: ignore[arg-type]
