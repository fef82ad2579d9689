"""Coverage to 270, 271 to what we keep: active, inactive, or could not be determined."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from clearinghouse.control_numbers import ControlNumbers
from clinic.errors import ClinicError
from clinic.fields import fingerprint
from clinic.models import Coverage, Practice
from insurance.models import EligibilityCheck
from x12.codes.coverage import BENEFIT_INFORMATION, REJECT_REASONS, BenefitMeaning, RejectClass, reject_class
from x12.elements import clean_text
from x12.eligibility_270_271 import (
    INQUIRY_GROUP_KIND,
    VERSION,
    Asked,
    Benefit,
    Inquiry,
    OtherPayer,
    Person,
    Response,
    read_responses,
    write_inquiry,
)
from x12.errors import X12Error
from x12.parties import Party

Answer = EligibilityCheck.Answer

KEPT = (
    "answer", "reason_code", "reason", "plan_name", "cover_from", "cover_to", "returned_member_id",
    "returned_name_matches", "returned_birth_date_matches", "other_payer_name", "other_payer_id",
    "other_payer_is_primary", "other_member_id", "is_qmb",
)  # fmt: skip
"""Columns of EligibilityCheck that an answer fills."""

OTHER_PAYER_ROLES = ("PRP", "SEP", "TTP", "PR", "P5")
PLAN_BEGINS, PLAN_ENDS, PLAN = ("346", "356", "348"), ("347", "357", "349"), ("291", "307")
PLAN_TYPE = "30"
COVER_STATES = (BenefitMeaning.ACTIVE, BenefitMeaning.INACTIVE)
RETRY_AFTER_ACTIONS = ("R", "S", "Y", "W")


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What a 271 says of one person. `retry`: the payer could not answer now; asking again may help."""

    answer: str = Answer.UNKNOWN
    reason_code: str = ""
    reason: str = ""
    retry: bool = False
    plan_name: str = ""
    cover_from: date | None = None
    cover_to: date | None = None
    returned_member_id: str | None = None
    returned_name_matches: bool | None = None
    returned_birth_date_matches: bool | None = None
    other_payer_name: str = ""
    other_payer_id: str = ""
    other_payer_is_primary: bool = False
    other_member_id: str | None = None
    is_qmb: bool = False
    benefits: Sequence[dict[str, Any]] = field(default_factory=tuple)


def inquiry(check: EligibilityCheck, payer_id: str, practice: Practice, numbers: ControlNumbers) -> bytes:
    """The 270 for a check, under the control numbers drawn for it."""
    coverage = check.coverage
    patient = coverage.patient
    itself = Person(
        last_name=_name(patient.last_name), first_name=_name(patient.first_name), birth_date=patient.birth_date,
        sex=patient.sex if patient.sex in ("F", "M") else "",
    )  # fmt: skip
    subscriber, dependent = itself, None
    if not coverage.is_subscriber:
        dependent = _with(itself, relationship=coverage.relationship)
        subscriber = Person(
            last_name=_name(coverage.subscriber_last_name), first_name=_name(coverage.subscriber_first_name),
            birth_date=coverage.subscriber_birth_date,
            sex=coverage.subscriber_sex if coverage.subscriber_sex in ("F", "M") else "",
        )  # fmt: skip
    question = Inquiry(
        payer=Party("PR", False, _name(coverage.payer.name), identifier_qualifier="PI", identifier=payer_id),
        provider=Party("1P", False, _name(practice.name), identifier_qualifier="XX", identifier=practice.npi),
        subscriber=_with(subscriber, member_id=coverage.member_id),
        dependent=dependent,
        asked=Asked(first_day=check.on, service_types=(check.service_type,)),
        trace_number=str(check.pk).replace("-", "")[:30],
        trace_origin=f"9{practice.tax_id}",
        reference_number=str(check.pk)[:8],
        created_at=numbers.created_at,
    )
    try:
        written = write_inquiry(question, control_number="0001")
        return numbers.envelope([written], kind=INQUIRY_GROUP_KIND, version=VERSION)
    except X12Error as fault:
        raise ClinicError(f"The inquiry cannot be written: {fault.sentence}") from fault


def read_answer(payload: bytes, check: EligibilityCheck) -> AnswerFacts:
    """The 271 to our question. What cannot be read is *unknown* with the segment that is wrong."""
    try:
        response = next(iter(read_responses(payload)), None)
    except X12Error as fault:
        return AnswerFacts(reason=f"The answer cannot be read ({fault.place}): {fault.sentence}"[:200])
    if response is None:
        return AnswerFacts(reason="The answer is empty.", retry=True)
    return facts_of(response, check.coverage, check.on)


def facts_of(response: Response, coverage: Coverage, on: date) -> AnswerFacts:
    meaning = _said_of_the_plan(response.benefits)
    if response.rejections and BenefitMeaning.ACTIVE not in meaning and BenefitMeaning.INACTIVE not in meaning:
        worst = response.rejections[-1]
        known = REJECT_REASONS.get(worst.reason)
        retry = reject_class(worst.reason) is RejectClass.RETRY or worst.follow_up in RETRY_AFTER_ACTIONS
        return AnswerFacts(
            reason_code=worst.reason, reason=known.words if known else f"AAA {worst.reason}", retry=retry
        )
    if BenefitMeaning.ACTIVE in meaning:
        answer, reason = Answer.ACTIVE, ""
    elif BenefitMeaning.INACTIVE in meaning:
        answer, reason = Answer.INACTIVE, "The payer answers: not active."
    else:
        answer, reason = Answer.UNKNOWN, "The payer's answer does not say whether the cover is active."
    starts, ends = _period(response)
    if answer == Answer.ACTIVE and ((ends and ends < on) or (starts and starts > on)):
        answer, reason = Answer.INACTIVE, f"Covered from {_day(starts)} to {_day(ends)} only."
    person = response.patient
    owner = response.subscriber
    other, is_primary, other_id = _other_payer(response.benefits)
    return AnswerFacts(
        answer=answer, reason=reason, plan_name=_plan(response.benefits), cover_from=starts, cover_to=ends,
        returned_member_id=owner.member_id if owner and fingerprint(owner.member_id or "-") != coverage.member_id_fingerprint
        and owner.member_id else None,
        returned_name_matches=_same_name(person, coverage) if person else None,
        returned_birth_date_matches=(person.birth_date == coverage.patient.birth_date)
        if person and person.birth_date else None,
        other_payer_name=other.name[:60] if other else "", other_payer_id=other.identifier[:20] if other else "",
        other_payer_is_primary=is_primary, other_member_id=other_id or None,
        is_qmb=any(b.insurance_type == "QM" for b in response.benefits),
        benefits=tuple(_row(n, b) for n, b in enumerate(response.benefits, start=1)),
    )  # fmt: skip


def _said_of_the_plan(benefits: Sequence[Benefit]) -> list[BenefitMeaning]:
    """What the EB lines mean; of active and inactive only those of the plan (30) or of no type, where there are any.

    A dental or vision rider that is still active says nothing of a medical plan that has ended.
    """
    known = [b for b in benefits if b.information in BENEFIT_INFORMATION]
    states = [b for b in known if BENEFIT_INFORMATION[b.information].meaning in COVER_STATES]
    of_plan = [b for b in states if not b.service_types or PLAN_TYPE in b.service_types]
    passed_over = [b for b in states if of_plan and b not in of_plan]
    return [BENEFIT_INFORMATION[b.information].meaning for b in known if b not in passed_over]


def _row(position: int, benefit: Benefit) -> dict[str, Any]:
    return {
        "position": position, "segment_number": benefit.position, "information": benefit.information[:2],
        "level": benefit.level[:3], "service_types": [s[:2] for s in benefit.service_types],
        "insurance_type": benefit.insurance_type[:3], "plan": benefit.plan[:60], "period": benefit.period[:2],
        "amount": benefit.amount, "percent": benefit.percent, "quantity": benefit.quantity,
        "needs_authorization": benefit.needs_authorization[:1], "in_network": benefit.in_network[:1],
        "procedure_code": benefit.procedure[1][:5] if len(benefit.procedure) > 1 else "",
        "message": " ".join(benefit.messages)[:264],
    }  # fmt: skip


def _period(response: Response) -> tuple[date | None, date | None]:
    starts = ends = None
    for each in response.dates:
        if each.qualifier in PLAN_BEGINS:
            starts = each.first
        elif each.qualifier in PLAN_ENDS:
            ends = each.first
        elif each.qualifier in PLAN:
            starts, ends = starts or each.first, ends or each.last
    return starts, ends


def _other_payer(benefits: Sequence[Benefit]) -> tuple[OtherPayer | None, bool, str]:
    """EB*R: another payer is known, perhaps the one that pays first; REF*1W or 1L may carry the member id there."""
    for benefit in benefits:
        if benefit.information != "R":
            continue
        named = [o for o in benefit.others if o.role in OTHER_PAYER_ROLES]
        if named:
            number = next((r.value for r in benefit.references if r.qualifier in ("1W", "IG", "1L")), "")
            return named[0], named[0].role == "PRP", number
    return None, False, ""


def _plan(benefits: Sequence[Benefit]) -> str:
    return next((b.plan[:60] for b in benefits if b.plan and b.information in ("1", "6")), "")


def _same_name(person: Person, coverage: Coverage) -> bool:
    patient = coverage.patient
    return (_letters(person.last_name), _letters(person.first_name)) == (
        _letters(patient.last_name), _letters(patient.first_name),
    )  # fmt: skip


def _letters(name: str) -> str:
    return "".join(c for c in name.upper() if c.isalpha())


def _name(name: str) -> str:
    return clean_text(name.upper(), 60)


def _with(person: Person, **changes: Any) -> Person:
    return replace(person, **changes)


def _day(day: date | None) -> str:
    return f"{day:%m/%d/%Y}" if day else "an unknown day"
