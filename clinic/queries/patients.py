"""Finding a patient from whatever the person at the desk has: a name, a birth date, a phone number, an MRN."""

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from clinic import clock
from clinic.models import Guarantor, Patient, Visit

LIMIT = 25
BIRTH_DATE = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})$|^(\d{4})-(\d{2})-(\d{2})$")
MRN = re.compile(r"^[A-Za-z]?\d{4,12}$")


@dataclass(frozen=True)
class Wanted:
    """What a search text says. Several parts must all fit: `jensen 6/2/1979`."""

    names: tuple[str, ...] = ()
    birth_date: date | None = None
    digits: str = ""
    mrn: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.names or self.birth_date or self.digits or self.mrn)


def read_search(text: str) -> Wanted:
    """`Jensen, Karl`, `karl jen`, `06/02/1979`, `(312) 555-0147`, `0147`, `T48213` and mixtures."""
    names: list[str] = []
    born: date | None = None
    digits = mrn = ""
    text = re.sub(r"\(?(\d{3})\)?[ .-]?(\d{3})[ .-](\d{4})", r"\1\2\3", text.strip())
    for word in re.split(r"[\s,]+", text)[:6]:
        day = _birth_date(word)
        if day:
            born = day
        elif MRN.match(word):
            mrn, digits = word.upper(), "".join(c for c in word if c.isdigit())
        elif any(c.isalpha() for c in word):
            names.append(word.upper())
    return Wanted(tuple(names), born, digits, mrn)


def find_patients(text: str, *, limit: int = LIMIT) -> "QuerySet[Patient]":
    """At most `limit` patients that fit, by name. Nothing for an empty or a one-letter search."""
    wanted = read_search(text)
    found = Patient.objects.current().select_related("guarantor")
    if wanted.is_empty or (len("".join(wanted.names)) == 1 and not (wanted.birth_date or wanted.mrn)):
        return found.none()
    found = found.annotate(last_upper=Upper("last_name"), first_upper=Upper("first_name"))
    for name in wanted.names:
        found = found.filter(Q(last_upper__contains=name) | Q(first_upper__startswith=name))
    if wanted.birth_date:
        found = found.filter(birth_date=wanted.birth_date)
    if wanted.mrn:
        number = Q(mrn=wanted.mrn)
        if wanted.digits == wanted.mrn:
            number |= (
                Q(phone_digits=wanted.digits) if len(wanted.digits) >= 10 else Q(phone_digits__endswith=wanted.digits)
            )
        found = found.filter(number)
    return found.order_by("last_upper", "first_upper", "birth_date", "pk")[:limit]


def find_guarantors(text: str, *, limit: int = LIMIT) -> "QuerySet[Guarantor]":
    """At most `limit` living guarantors of that name, number (`G1004`) or phone, by name, each with whom they answer for."""
    wanted = read_search(text)
    found = Guarantor.objects.filter(is_deceased=False)
    if not wanted.mrn and len("".join(wanted.names)) < 2:
        return found.none()
    found = found.annotate(last_upper=Upper("last_name"), first_upper=Upper("first_name"))
    for name in wanted.names:
        found = found.filter(Q(last_upper__contains=name) | Q(first_upper__startswith=name))
    if wanted.birth_date:
        found = found.filter(birth_date=wanted.birth_date)
    if wanted.mrn:
        number = Q(number=wanted.mrn) | Q(number=f"G{wanted.digits}")
        if len(wanted.digits) >= 10:
            number |= Q(phone_digits=wanted.digits)
        found = found.filter(number)
    return found.prefetch_related("patients").order_by("last_upper", "first_upper", "number")[:limit]


def _birth_date(word: str) -> date | None:
    match = BIRTH_DATE.match(word)
    if not match:
        return None
    month, day, year, iso_year, iso_month, iso_day = match.groups()
    if iso_year:
        year, month, day = iso_year, iso_month, iso_day
    full = int(year)
    if full < 100:  # two digits mean the last hundred years
        full += 2000 if full <= clock.today().year % 100 else 1900
    try:
        return date(full, int(month), int(day))
    except ValueError:
        return None


def has_visits_on(patient: Patient, guarantor: Guarantor) -> bool:
    """Whether visits of this patient have begun on that account: they stay there."""
    return Visit.objects.filter(patient=patient, guarantor=guarantor).exists()
