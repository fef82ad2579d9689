"""What the worker may mend alone, from what evidence (denial_mix.md); everything else is left to a person, with why.

It never sends an 8, never a 7 on a claim with a paid line, never changes a diagnosis, a unit or a modifier, and
never writes off. Each denial is looked at once by each rule's evidence: a Correction row says what was done.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction

from billing.models import Correction, Denial, LineResponse
from billing.services import denials, resubmission
from clinic import clock
from clinic.errors import ClinicError
from clinic.models import Claim, Coverage, Payer
from insurance.models import EligibilityCheck
from insurance.queries import authorization_for, latest_check
from insurance.services import coverage as coverages
from insurance.services import eligibility
from x12.codes.remarks import element_of

log = logging.getLogger(__name__)

Active = EligibilityCheck.Answer.ACTIVE
HINT = "Named by"
PAID_OR_PENDING = (
    Claim.Status.PAID, Claim.Status.ADJUDICATED, Claim.Status.ACCEPTED, Claim.Status.RECEIVED, Claim.Status.SUBMITTED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule concluded. `act` None: not this rule's case, or its evidence is missing (`why` says which)."""

    rule: str
    why: str
    act: Callable[[], Claim | None] | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


def work_open_denials(limit: int = 50) -> dict[str, int]:
    """The worker's turn. Safe to repeat: a denial with a Correction of its own is not looked at again."""
    done = {"sent": 0, "closed": 0, "left": 0}
    rows = (
        Denial.objects.filter(status=Denial.Status.OPEN, corrections=None)
        .select_related(
            "claim__payer", "claim__coverage__payer", "claim__patient", "claim__visit", "charge", "response"
        )
        .order_by("deadline_on")[:limit]
    )
    for denial in rows:
        try:
            done[work_denial(denial)] += 1
        except Exception:
            log.exception("denial not worked", extra={"denial_id": str(denial.pk)})
    return done


def work_denial(denial: Denial) -> str:
    """Ask the payer where evidence is wanting (outside any transaction), decide, then act in one transaction."""
    if not denial.claim.payer.auto_correction:
        return _leave(denial, "kill-switch", f"Corrections to {denial.claim.payer} are switched off.")
    if denial.reason_code in SENDS_AGAIN and _has_paid_line(denial.claim):
        return _leave(denial, "paid line", "A line of this claim was paid; a replacement could take that back.")
    if clock.today() > denial.deadline_on:
        return _leave(denial, "deadline", "The payer's time limit has passed.")
    for rule in RULES.get(denial.reason_code, ()):
        try:
            decision = rule(denial)
        except ClinicError as error:  # what the payer named cannot be put on file: a person's, not every turn's again
            return _leave(denial, rule.__name__.replace("_", " "), error.sentence)
        if decision.act is not None:
            return _carry_out(denial, decision)
    why = decision.why if RULES.get(denial.reason_code) else "No rule of the worker covers this reason."
    return _leave(denial, decision.rule if RULES.get(denial.reason_code) else "no rule", why)


def _carry_out(denial: Denial, decision: Decision) -> str:
    assert decision.act is not None  # noqa: S101
    try:
        with transaction.atomic():
            Claim.objects.select_for_update(of=("self",)).get(pk=denial.claim_id)  # first, as everybody
            locked = Denial.objects.select_for_update().get(pk=denial.pk)
            if locked.status != Denial.Status.OPEN or locked.corrections.exists():
                return "left"
            made = decision.act()
            if made is None:
                Correction.objects.create(
                    claim=denial.claim, denial=denial, outcome=Correction.Outcome.CLOSED, rule=decision.rule,
                    evidence=decision.evidence, sentence=decision.why[:300], by_worker=True,
                )  # fmt: skip
                return "closed"
            if made.status != Claim.Status.READY:
                raise ClinicError("The corrected claim still fails the claim edits.")
            return "sent"
    except ClinicError as error:
        return _leave(denial, decision.rule, error.sentence)


def _leave(denial: Denial, rule: str, why: str) -> str:
    Correction.objects.create(
        claim=denial.claim,
        denial=denial,
        outcome=Correction.Outcome.LEFT,
        rule=rule,
        sentence=why[:300],
        by_worker=True,
    )
    return "left"


def _has_paid_line(claim: Claim) -> bool:
    return LineResponse.objects.filter(
        response__claim__control_number=claim.control_number, response__reversed_by=None, paid__gt=0
    ).exists()


def _asked_anew(coverage: Coverage, denial: Denial) -> EligibilityCheck | None:
    """The payer's 271 for the date of service, asked after the denial: what stood before may be what was wrong."""
    on = denial.charge.service_date
    check = latest_check(coverage, on)
    if check is None or check.answered_at is None or check.created_at < denial.created_at:
        check = eligibility.verify(coverage=coverage, on=on, by=None, key=f"denial:{denial.pk}:{coverage.pk}")
    return check


def member_id(denial: Denial) -> Decision:
    """31, 140, 16 + N382: the same payer's 271 returns one member, name and birth date exact, another id."""
    check = _asked_anew(denial.claim.coverage, denial)
    rule = "member id"
    if check is None or check.answer != Active:
        return Decision(rule, "The payer's answer to our inquiry does not confirm the patient.")
    if not check.returned_member_id or not check.returned_name_matches or not check.returned_birth_date_matches:
        return Decision(rule, "The payer's answer gives no other member id for this very name and birth date.")
    new_id = check.returned_member_id

    def act() -> Claim:
        coverages.change_member_id(coverage=denial.claim.coverage, member_id=new_id, by=None, why=f"271 {check.pk}")
        denial.claim.coverage.refresh_from_db()
        return resubmission.correct_claim(
            claim=denial.claim, changes={}, reason="Member id as the payer's own answer gives it.", by=None, rule=rule,
            evidence={"eligibility_check": str(check.pk)},
        )  # fmt: skip

    return Decision(rule, "", act)


def other_cover(denial: Denial) -> Decision:
    """26, 27: another coverage, on file or named in the 271, whose own 271 is active on the date; no accident."""
    rule = "other cover"
    claim, on = denial.claim, denial.charge.service_date
    if claim.visit.is_accident:
        return Decision(rule, "The visit followed an accident; who pays is a person's question.")
    named = _coverage_named_by(_asked_anew(claim.coverage, denial), denial)
    on_file = (
        Coverage.objects.on(on).filter(patient=claim.patient).exclude(pk=claim.coverage_id).select_related("payer")
    )
    tried = Claim.objects.filter(visit=claim.visit).values_list("coverage", flat=True)
    for coverage in [*on_file.exclude(pk__in=tried), *([named] if named else [])]:
        check = _asked_anew(coverage, denial)
        if check is not None and _confirms(check):
            return Decision(rule, "", _to(denial, coverage, rule, "Covered there on the date of service.", check))
        _forget_when_made_for(coverage, denial)
    return Decision(rule, "No other cover is active on the date of service.")


def coordination(denial: Denial) -> Decision:
    """22, 24, 109: the 271 names the payer that is first, and that payer's own 271 confirms it."""
    rule = "coordination of benefits"
    check = _asked_anew(denial.claim.coverage, denial)
    if check is None or not check.other_payer_is_primary:
        return Decision(rule, "The payer does not say who pays first. Ask the patient.")
    coverage = _coverage_named_by(check, denial)
    if coverage is None:
        return Decision(rule, "The payer named first is not one we can bill, or its member id is not known.")
    theirs = _asked_anew(coverage, denial)
    if theirs is None or not _confirms(theirs):
        _forget_when_made_for(coverage, denial)
        return Decision(rule, "The payer named first does not confirm the cover.")

    def act() -> Claim:
        coverages.put_before(coverage=coverage, by=None, why=f"271 {check.pk}")
        coverage.refresh_from_db()
        return _to(denial, coverage, rule, "The payer named it as primary.", theirs)()

    return Decision(rule, "", act)


def element_on_file(denial: Denial) -> Decision:
    """16 with a remark that points to exactly one element whose value stood on the record before the denial."""
    rule = "element on file"
    elements = {element_of(code) for code in denial.remark_codes} - {""}
    if len(elements) != 1:
        return Decision(rule, "The remark codes do not point to one element.")
    element = elements.pop()
    claim, charge, visit = denial.claim, denial.charge, denial.claim.visit
    changes: dict[str, Any] = {}
    lines: dict[Any, dict[str, Any]] = {}
    if element == "referring_npi" and visit.referring_provider and claim.referring_provider is None:
        changes["referring_provider"] = visit.referring_provider
    elif element == "clia_number" and visit.location.clia_number and not claim.clia_number:
        changes["clia_number"] = visit.location.clia_number
    elif element == "ndc" and charge.ndc and not claim.lines.filter(charge=charge, ndc=charge.ndc).exists():
        lines[charge.pk] = {"ndc": charge.ndc}
    elif element == "prior_authorization_number":
        return authorization(denial)
    elif element == "member_id":
        return member_id(denial)
    if not changes and not lines:
        return Decision(rule, f"No value for {element.replace('_', ' ')} is on file that the claim did not carry.")

    def act() -> Claim:
        return resubmission.correct_claim(
            claim=claim, changes=changes, line_changes=lines, by=None, rule=rule,
            reason=f"{element.replace('_', ' ').capitalize()} as on file.", evidence={"element": element},
        )  # fmt: skip

    return Decision(rule, "", act)


def authorization(denial: Denial) -> Decision:
    """15, 197: an approval was on file before the denial: same payer, code and site, date inside, units left."""
    rule = "authorization on file"
    claim, charge = denial.claim, denial.charge
    found = authorization_for(
        coverage=claim.coverage, code=charge.code, on=charge.service_date, provider=claim.rendering_provider
    )
    if found is None or found.recorded_at is None or found.recorded_at >= denial.created_at:
        return Decision(rule, "No approval for this code and date was on file before the denial.")
    if claim.prior_authorization_number == found.number:
        return Decision(rule, "The claim carried that number already.")
    number = found.number

    def act() -> Claim:
        return resubmission.correct_claim(
            claim=claim, changes={"prior_authorization_number": number}, by=None, rule=rule,
            reason="Authorization number as on file.", evidence={"authorization": str(found.pk)},
        )  # fmt: skip

    return Decision(rule, "", act)


def duplicate(denial: Denial) -> Decision:
    """18: the original is paid or before the payer: close, send nothing."""
    rule = "duplicate"
    claim, charge = denial.claim, denial.charge
    twin = (
        Claim.objects.filter(
            patient=claim.patient, payer=claim.payer, status__in=PAID_OR_PENDING, lines__code=charge.code,
            lines__service_date=charge.service_date, lines__modifiers=charge.modifiers,
        )
        .exclude(pk=claim.pk)
        .first()
    )  # fmt: skip
    if twin is None:
        return Decision(rule, "The payer calls it a duplicate, but no original of ours is paid or pending.")
    evidence = {"original": str(twin.pk)}
    if not twin.lines.filter(charge=charge).exists():
        return Decision(rule, "The original bills another charge of the same day; a person must say which one stands.")

    def act() -> None:
        denials.close(denial=denial, by=None, why=f"Duplicate of {twin.number}.")

    return Decision(rule, f"Duplicate of {twin.number}; nothing is sent.", act, evidence)


def excluded(denial: Denial) -> Decision:
    """96, 49, 204 with PR: the benefit says not covered, or GY says we knew; nobody else covers it."""
    rule = "true exclusion"
    claim, charge = denial.claim, denial.charge
    if denial.group != "PR":
        return Decision(rule, "The payer did not name it the patient's part.")
    if claim.payer.is_medicaid or claim.payer.is_medicare or claim.patient.is_qmb:
        return Decision(rule, "Medicare and Medicaid patients need a person's look at the notice they signed.")
    others = Coverage.objects.on(charge.service_date).filter(patient=claim.patient).exclude(pk=claim.coverage_id)
    if others.exists():
        return Decision(rule, "Another coverage may pay it.")
    check = latest_check(claim.coverage, charge.service_date)
    says_no = check is not None and check.benefits.filter(information="I", procedure_code=charge.code).exists()
    if not says_no and "GY" not in charge.modifiers:
        return Decision(rule, "The payer's benefit answer does not list it as not covered.")

    def act() -> None:
        denials.bill_patient(denial=denial, by=None, why="Excluded by the plan; no other cover.")

    return Decision(rule, "Excluded by the plan; moved to the patient.", act, {"benefit": "I" if says_no else "GY"})


def _confirms(check: EligibilityCheck) -> bool:
    exact = check.returned_name_matches is not False and check.returned_birth_date_matches is not False
    return check.answer == Active and exact


def _to(denial: Denial, coverage: Coverage, rule: str, reason: str, check: EligibilityCheck) -> Callable[[], Claim]:
    def act() -> Claim:
        return resubmission.bill_other_payer(
            claim=denial.claim, coverage=coverage, reason=reason, by=None, rule=rule,
            evidence={"eligibility_check": str(check.pk), "coverage": str(coverage.pk)},
        )  # fmt: skip

    return act


def _coverage_named_by(check: EligibilityCheck | None, denial: Denial) -> Coverage | None:
    """The coverage with the payer that the 271 names (EB*R), from our file or made of what the 271 says."""
    if check is None or not (check.other_payer_id or check.other_payer_name):
        return None
    payer = Payer.objects.filter(payer_id=check.other_payer_id, is_active=True).first()
    if payer is None:
        return None
    on = denial.charge.service_date
    patient = denial.claim.patient
    known = Coverage.objects.filter(patient=patient, payer=payer, is_active=True, starts_on__lte=on).first()
    if known is not None and (known.ends_on is None or known.ends_on >= on):
        return known
    if not check.other_member_id:
        return None
    taken = set(Coverage.objects.on(on).filter(patient=patient).values_list("order", flat=True))
    place = next(n for n in range(1, 5) if n not in taken)
    return coverages.add_coverage(
        patient=patient, payer=payer, member_id=check.other_member_id, starts_on=on - timedelta(days=on.day - 1),
        order=place, by=None, plan_name=f"{HINT} {check.coverage.payer}"[:60],
    )  # fmt: skip


def _forget_when_made_for(coverage: Coverage, denial: Denial) -> None:
    """A cover that stood on one payer's word alone must not be billed by anybody later."""
    if coverage.plan_name.startswith(HINT) and not coverage.claims.exists():
        why = f"Named by {denial.claim.payer}, not confirmed by {coverage.payer}."
        coverages.withdraw_coverage(coverage=coverage, reason=why, by=None)


SENDS_AGAIN = frozenset({"31", "140", "16", "26", "27", "22", "24", "109", "15", "197"})
"""Reasons whose remedy is another claim; the others end in a disposition, which takes nothing back."""

Rule = Callable[[Denial], Decision]
RULES: dict[str, tuple[Rule, ...]] = {
    "31": (member_id,), "140": (member_id,), "16": (element_on_file,), "26": (other_cover,), "27": (other_cover,),
    "22": (coordination,), "24": (coordination,), "109": (coordination,), "15": (authorization,),
    "197": (authorization,), "18": (duplicate,), "96": (excluded,), "49": (excluded,), "204": (excluded,),
}  # fmt: skip
