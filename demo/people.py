"""Made-up patients, in the clinic's record and in their payers' books. Nothing here is anybody's."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import HARBOR, LAKESHORE, MEDICAID, MEDICARE, MEDIGAP, PRAIRIE
from clearinghouse.simulator.world import Member, OtherCover
from clinic.models import Coverage, Patient
from clinic.services.patients import register_patient
from demo.causes import Planted
from demo.world import World
from insurance.services.coverage import add_coverage

FIRST = (
    "Ada", "Amir", "Ana", "Anton", "Beatriz", "Bola", "Carl", "Chidi", "Clara", "Dana", "Declan", "Dolores", "Elif",
    "Emil", "Erin", "Farah", "Fiona", "George", "Greta", "Hana", "Hector", "Ida", "Ines", "Isla", "Jerome", "Joan",
    "Jonas", "Karin", "Keisha", "Kenji", "Leah", "Lena", "Linh", "Luis", "Malik", "Maria", "Marisol", "Mei", "Milan",
    "Nadia", "Nora", "Omar", "Paola", "Petra", "Piotr", "Priya", "Rosa", "Ruth", "Samir", "Sofia", "Tariq", "Theo",
    "Thuy", "Uma", "Vera", "Victor", "Wanda", "Wei", "Yara", "Zoe",
)  # fmt: skip
LAST = (
    "Abara", "Adeyemi", "Ali", "Barnes", "Bauer", "Bishop", "Brooks", "Castillo", "Chen", "Clarke", "Cole", "Costa",
    "Delgado", "Doyle", "Edwards", "Fitzgerald", "Fraser", "Friedman", "Grant", "Haddad", "Hoang", "Hughes", "Iyer",
    "Jensen", "Kaur", "Keller", "Kowalski", "Lambert", "Lindqvist", "Lopez", "Mbeki", "Medina", "Moreau", "Murphy",
    "Nakamura", "Nguyen", "Novak", "Okonkwo", "Olsen", "Osei", "Park", "Peterson", "Quinn", "Ramos", "Reed", "Rosenberg",
    "Santos", "Schwartz", "Singh", "Tran", "Vega", "Weiss", "Whitaker", "Yamada", "Zhang",
)  # fmt: skip
STREETS = ("Cullom Ave", "Foster Ave", "Leland Ave", "Wilson Ave", "Ainslie St", "Argyle St", "Catalpa Ave")
PLAN_OF = {
    LAKESHORE: "PPO500", PRAIRIE: "CLASSIC", MEDICARE: "PARTB", MEDICAID: "STATE", MEDIGAP: "PLANG", HARBOR: "HMO",
}  # fmt: skip
SELF_PAY = "self"
MIX = (LAKESHORE,) * 6 + (PRAIRIE,) * 4 + (HARBOR,) * 3 + (MEDICARE,) * 4 + (MEDICAID,) * 2 + (SELF_PAY,)
COVERED_SINCE = 900  # days before the month


@dataclass(frozen=True, slots=True)
class Person:
    """A patient of the record with what the player needs to know of the other side."""

    patient: Patient
    payer_id: str
    planted: Planted | None = None
    other_payer_id: str = ""
    other_member_id: str = ""
    true_member_id: str = ""


class People:
    """Makes persons one after the other; the same seed makes the same."""

    def __init__(self, world: World, book: Book, dice: Random, begins: date) -> None:
        self._world, self._book, self._dice, self._begins = world, book, dice, begins
        self._made = 0
        self._names = [(f, n) for n in LAST for f in FIRST]
        dice.shuffle(self._names)

    def healthy(self, payer_id: str) -> Person:
        """Everything about the cover is as the record says."""
        patient = self._register(payer_id)
        if payer_id == SELF_PAY:
            return Person(patient, SELF_PAY)
        member_id = self._member_id(payer_id)
        second = payer_id == MEDICARE and self._made % 2 == 0
        self._member(
            patient, payer_id, member_id, forwards_to=MEDIGAP if second else "",
            forwards_member_id=f"{member_id}G" if second else "",
        )  # fmt: skip
        self._cover(patient, payer_id, member_id)
        if second:
            self._member(patient, MEDIGAP, f"{member_id}G")
            self._cover(patient, MEDIGAP, f"{member_id}G", order=2)
        return Person(patient, payer_id)

    def with_cause(self, planted: Planted, visit_on: date) -> Person:
        """A person whose record or cover holds the cause of a denial."""
        payer_id, name = planted.payer, planted.cause.name
        patient = self._register(payer_id)
        member_id = self._member_id(payer_id)
        if name in ("ended_other", "ended_alone"):
            return self._ended(patient, planted, member_id, visit_on)
        if name == "member_id":
            self._member(patient, payer_id, member_id)
            self._cover(patient, payer_id, _mistyped(member_id))
            return Person(patient, payer_id, planted, true_member_id=member_id)
        if name in ("other_primary", "unknown_primary"):
            return self._coordinated(patient, planted, member_id)
        self._member(patient, payer_id, member_id)
        self._cover(patient, payer_id, member_id)
        return Person(patient, payer_id, planted)

    def _ended(self, patient: Patient, planted: Planted, member_id: str, visit_on: date) -> Person:
        """Cover ended a week before the visit; when it escapes, the payer itself learns of it only afterwards."""
        known_on = visit_on + timedelta(days=2) if planted.escapes else None
        self._member(patient, planted.payer, member_id, ends_on=visit_on - timedelta(days=7), ended_known_on=known_on)
        self._cover(patient, planted.payer, member_id)
        if planted.cause.name == "ended_alone":
            return Person(patient, planted.payer, planted)
        other_id = self._member_id(LAKESHORE)
        self._member(patient, LAKESHORE, other_id)
        if planted.escapes or planted.nth % 2 == 0:
            self._cover(patient, LAKESHORE, other_id, order=2)
        return Person(patient, planted.payer, planted, LAKESHORE, other_id)

    def _coordinated(self, patient: Patient, planted: Planted, member_id: str) -> Person:
        """Another payer is first. `other_primary`: its policy is on file in second place; else nobody told us."""
        first = HARBOR if planted.payer == LAKESHORE else LAKESHORE
        other_id = self._member_id(first)
        self._member(patient, first, other_id)
        cover = OtherCover(payer_name=self._world.payers[first].name.upper(), payer_id=first, member_id=other_id)
        self._member(patient, planted.payer, member_id, other_cover=cover)
        self._cover(patient, planted.payer, member_id)
        if planted.cause.name == "other_primary":
            self._cover(patient, first, other_id, order=2)
        return Person(patient, planted.payer, planted, first, other_id)

    def _register(self, payer_id: str) -> Patient:
        first, last = self._names[self._made % len(self._names)]
        self._made += 1
        old = payer_id in (MEDICARE, MEDIGAP)
        born = date(self._dice.randint(1938, 1958) if old else self._dice.randint(1962, 2004), self._dice.randint(1, 12),
                    self._dice.randint(1, 28))  # fmt: skip
        fields = {
            "first_name": first, "last_name": last, "birth_date": born, "sex": self._dice.choice(("F", "M")),
            "phone": f"(312) 555-{1000 + self._made:04d}", "email": f"patient{self._made}@example.org",
            "line1": f"{100 + 7 * self._made} {self._dice.choice(STREETS)}", "city": "Chicago", "state": "IL",
            "zip_code": f"606{self._dice.randint(10, 57)}", "text_consent": self._made % 3 != 0, "email_consent": True,
            "is_self_pay": payer_id == SELF_PAY,
        }  # fmt: skip
        return register_patient(fields=fields, by=self._world.users["front_desk"])

    def _member_id(self, payer_id: str) -> str:
        return f"{payer_id[:3]}{100_000 + self._made * 37 + len(payer_id):08d}"

    def _member(self, patient: Patient, payer_id: str, member_id: str, **facts: object) -> None:
        self._book.add_member(
            Member(
                payer_id=payer_id, member_id=member_id, last_name=patient.last_name.upper(),
                first_name=patient.first_name.upper(), birth_date=patient.birth_date or self._begins, sex=patient.sex,
                plan_id=PLAN_OF[payer_id], group_number="GRP100",
                starts_on=self._begins - timedelta(days=COVERED_SINCE), **facts,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    def _cover(self, patient: Patient, payer_id: str, member_id: str, order: int = 1) -> Coverage:
        return add_coverage(
            patient=patient, payer=self._world.payers[payer_id], member_id=member_id, order=order, plan_name=PLAN_OF[payer_id],
            starts_on=self._begins - timedelta(days=COVERED_SINCE), by=self._world.users["front_desk"],
        )  # fmt: skip


def _mistyped(member_id: str) -> str:
    """Two neighbouring digits changed places, as it happens at a keyboard."""
    a, b = member_id[-2], member_id[-1]
    return member_id[:-2] + (b + a if a != b else b + str((int(b) + 1) % 10))
