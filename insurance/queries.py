"""Benefits today, the copay to expect with the lines behind it, the authorization for a charge, worklists."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, JSONObject

from clinic import clock
from clinic.models import Coverage, Patient, Payer, Provider
from clinic.money import dollars
from insurance.models import Benefit, EligibilityCheck, PriorAuthorization
from x12.codes.coverage import BENEFIT_PERIODS, SERVICE_TYPES

Answer = EligibilityCheck.Answer

OFFICE_VISIT = "98"
FRESH_DAYS = 3
"""A check younger than this answers for the desk; an older one is asked again (domain.md 5.7)."""
VISIT_PERIODS = ("", "27")


@dataclass(frozen=True, slots=True)
class CoverageVerdict:
    """What the payer last said of the first coverage on that day."""

    answer: str  # active | inactive | unknown | pending | none
    sentence: str
    coverage: Coverage | None = None
    check: EligibilityCheck | None = None
    answered_at: datetime | None = None
    is_stale: bool = True

    @property
    def is_inactive(self) -> bool:
        return self.answer == Answer.INACTIVE

    @property
    def tone(self) -> str:
        return {"active": "good", "inactive": "bad", "none": "warn"}.get(self.answer, "warn")


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """One EB line as a person reads it; `is_chosen` lines made the figure, the others were looked at."""

    text: str
    amount: Decimal | None
    is_chosen: bool
    segment_number: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class CopayEstimate:
    """`amount` None: the payer named no copay for this kind of visit."""

    amount: Decimal | None
    sentence: str
    coverage: Coverage | None = None
    lines: Sequence[BenefitLine] = field(default_factory=tuple)


def coverages_on(patient: Patient, day: date) -> QuerySet[Coverage]:
    return Coverage.objects.on(day).filter(patient__in=Patient.objects.same_person(patient)).select_related("payer")


def first_coverage(patient: Patient, day: date) -> Coverage | None:
    return coverages_on(patient, day).first()


def latest_check(coverage: Coverage, on: date) -> EligibilityCheck | None:
    """The newest answer that speaks for that date: asked for the same month, since cover changes by the month."""
    still_to_ask = Q(answer=Answer.PENDING, tries=0, due_at__gt=clock.now())
    return _newest_first(on).filter(coverage=coverage).exclude(still_to_ask).first()


def _newest_first(on: date) -> QuerySet[EligibilityCheck]:
    checks = EligibilityCheck.objects.filter(on__year=on.year, on__month=on.month)
    return checks.order_by(F("answered_at").desc(nulls_last=True), "-created_at")


def verdict_on(patient: Patient, day: date) -> CoverageVerdict:
    """Never stops anybody: only *inactive* asks for other cover or self-pay."""
    coverage = first_coverage(patient, day)
    if coverage is None:
        if patient.is_self_pay:
            return CoverageVerdict("none", "Pays without insurance.", is_stale=False)
        return CoverageVerdict("none", "No coverage on file for this date. Add one, or agree on self-pay.")
    return _verdict(coverage, latest_check(coverage, day))


def first_answer(patient: str, day: date) -> Subquery:
    """The same in short, as a column of somebody else's query: `{"answer": ..., "payer": ...}`, NULL without coverage.

    `patient` is the way to the patient's id from there. What the clock is still to ask counts as pending: on a list of
    what a person has to settle it has no place yet.
    """
    newest = _newest_first(day).filter(coverage=OuterRef("pk")).values("answer")[:1]
    answer = Coalesce(Subquery(newest), Value("unknown"))
    payer = Subquery(Payer.objects.filter(pk=OuterRef("payer_id")).values("name"))  # after LIMIT 1, unlike a join
    rows = Coverage.objects.on(day).filter(patient_id=OuterRef(patient))
    return Subquery(rows.values(told=JSONObject(answer=answer, payer=payer))[:1])


def _verdict(coverage: Coverage, check: EligibilityCheck | None) -> CoverageVerdict:
    if check is None:
        return CoverageVerdict("unknown", f"{coverage.payer} was not asked yet.", coverage)
    stale = check.answered_at is None or check.answered_at < clock.now() - timedelta(days=FRESH_DAYS)
    sentence = {
        Answer.PENDING: f"Asking {coverage.payer}. You can go on: the answer will show here.",
        Answer.ACTIVE: f"{check.plan_name or coverage.payer} is active.",
        Answer.INACTIVE: f"{coverage.payer} says the coverage is not active. Ask for other insurance, or agree on self-pay.",
        Answer.UNKNOWN: f"{coverage.payer} could not tell: {check.reason or 'no answer'}. You can go on.",
    }[Answer(check.answer)]
    return CoverageVerdict(check.answer, sentence, coverage, check, check.answered_at, stale)


def expected_copay(*, patient: Patient, on: date, service_type: str = OFFICE_VISIT) -> CopayEstimate:
    """The copay of the first coverage for this kind of visit, with the lines it came from and the ones not used.

    In network (Y, W or not said) before out, the service type asked for before the plan as a whole (30), the
    individual before the family. A second coverage, QMB and Medicaid take no copay at the desk.
    """
    coverage = first_coverage(patient, on)
    if coverage is None:
        return CopayEstimate(None, "No coverage on file for this date.")
    if patient.is_qmb:
        return CopayEstimate(Decimal("0.00"), "Qualified Medicare Beneficiary: no copay may be taken.", coverage)
    check = latest_check(coverage, on)
    if check is None or check.answer != Answer.ACTIVE:
        return CopayEstimate(None, "The payer has not told a copay yet.", coverage)
    if check.is_qmb:
        return CopayEstimate(Decimal("0.00"), "Qualified Medicare Beneficiary: no copay may be taken.", coverage)
    copays = [b for b in check.benefits.all() if b.information == "B"]
    usable = [b for b in copays if _why_not(b, service_type) == ""]
    usable.sort(key=lambda b: (service_type not in b.service_types, b.level not in ("IND", ""), b.position))
    chosen = usable[0] if usable else None
    lines = tuple(_line(b, b is chosen, _why_not(b, service_type)) for b in copays)
    if chosen is None or chosen.amount is None:
        return CopayEstimate(None, "The payer named no copay for this kind of visit.", coverage, lines)
    sentence = f"{dollars(chosen.amount)} as {coverage.payer} answered."
    if coverages_on(patient, on).count() > 1:
        return CopayEstimate(
            Decimal("0.00"), "A second coverage may pay the copay; take none until it has answered.", coverage, lines
        )
    return CopayEstimate(chosen.amount, sentence, coverage, lines)


def _why_not(benefit: Benefit, service_type: str) -> str:
    if benefit.amount is None:
        return "no amount"
    if benefit.in_network == "N":
        return "out of network"
    if service_type not in benefit.service_types and "30" not in benefit.service_types:
        return "another kind of service"
    if benefit.period not in VISIT_PERIODS:
        return "not for one visit"
    return ""


def benefit_lines(check: EligibilityCheck) -> list[BenefitLine]:
    return [_line(b, False, "") for b in check.benefits.all()]


def _line(benefit: Benefit, is_chosen: bool, why: str) -> BenefitLine:
    kinds = ", ".join(SERVICE_TYPES.get(code, code) for code in benefit.service_types) or "Plan"
    parts = [kinds]
    if benefit.amount is not None:
        parts.append(dollars(benefit.amount))
    if benefit.percent is not None:
        parts.append(f"{benefit.percent * 100:.0f} %")
    if benefit.period:
        parts.append(BENEFIT_PERIODS.get(benefit.period, benefit.period))
    if benefit.level:
        parts.append(benefit.level)
    if benefit.in_network in ("Y", "N"):
        parts.append("in network" if benefit.in_network == "Y" else "out of network")
    if benefit.message:
        parts.append(benefit.message)
    return BenefitLine(" · ".join(parts), benefit.amount, is_chosen, benefit.segment_number, why)


def with_units_left(rows: QuerySet[PriorAuthorization]) -> QuerySet[PriorAuthorization]:
    used = Coalesce(Sum("uses__units", filter=Q(uses__released_at=None)), 0)
    return rows.annotate(used=used, left=F("units") - used)


def rows_with_units(rows: QuerySet[PriorAuthorization]) -> QuerySet[PriorAuthorization]:
    used = Coalesce(Sum("uses__units", filter=Q(uses__released_at=None)), 0)
    return rows.alias(units_left_now=F("units") - used).filter(units_left_now__gt=0)


def authorization_for(
    *, coverage: Coverage, code: str, on: date, provider: Provider | None = None
) -> PriorAuthorization | None:
    """An approval with units left for that code on that date; one that names this provider before a general one."""
    rows = PriorAuthorization.objects.filter(
        coverage=coverage,
        status__in=PriorAuthorization.USABLE,
        codes__contains=[code],
        starts_on__lte=on,
        ends_on__gte=on,
    )
    if provider is not None:
        rows = rows.filter(Q(provider=None) | Q(provider=provider))
    return rows_with_units(rows).order_by(F("provider").asc(nulls_last=True), "ends_on").first()


def authorizations_of(patient: Patient) -> QuerySet[PriorAuthorization]:
    rows = PriorAuthorization.objects.filter(patient__in=Patient.objects.same_person(patient))
    return with_units_left(rows).select_related("coverage__payer", "provider").order_by("-created_at")


def authorizations_on(patient: Patient, day: date) -> QuerySet[PriorAuthorization]:
    """Approvals with units left that hold on that day: for whoever writes a charge down."""
    rows = PriorAuthorization.objects.filter(
        patient__in=Patient.objects.same_person(patient), status__in=PriorAuthorization.USABLE, starts_on__lte=day, ends_on__gte=day
    )  # fmt: skip
    return with_units_left(rows_with_units(rows)).select_related("coverage__payer").order_by("ends_on", "created_at")


def eligibility_worklist(upto: date) -> QuerySet[EligibilityCheck]:
    """Upcoming visits whose cover is not active or could not be determined: the newest answer of each coverage."""
    newest = (
        EligibilityCheck.objects.filter(coverage=OuterRef("coverage"), on=OuterRef("on"))
        .order_by("-created_at")
        .values("pk")[:1]
    )
    return (
        EligibilityCheck.objects.filter(
            pk=Subquery(newest), answer__in=(Answer.INACTIVE, Answer.UNKNOWN), on__gte=clock.today(), on__lte=upto
        )
        .select_related("patient", "coverage__payer")
        .order_by("on", "created_at")
    )


def authorization_worklist() -> QuerySet[PriorAuthorization]:
    """What waits for the payer or for us, the next answer due first."""
    rows = PriorAuthorization.objects.filter(status__in=("needed", "submitted", "pended"))
    return rows.select_related("patient", "coverage__payer").order_by("answer_due_on", "created_at")


def worklist_counts() -> dict[str, int]:
    waiting = PriorAuthorization.objects.aggregate(
        n=Count("pk", filter=Q(status__in=("needed", "submitted", "pended")))
    )
    return {
        "authorizations": waiting["n"],
        "eligibility": eligibility_worklist(clock.today() + timedelta(days=7)).count(),
    }
