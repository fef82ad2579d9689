"""Why a payer does not pay: first what concerns the whole claim, then each line. Plain rules over the book."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from clearinghouse.simulator.case import Case
from clearinghouse.simulator.register_rows import RegisteredLine
from clearinghouse.simulator.world import RuleKind
from x12 import Party
from x12.claim_837p import ServiceLine

DISTINCT = frozenset({"25", "59", "XE", "XP", "XS", "XU"})  # modifiers that say: a service of its own


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """CAS group and CARC for the unpaid amount, with remark codes (RARC)."""

    group: str
    reason: str
    remarks: tuple[str, ...] = ()
    bill_instead: Party | None = None


def claim_refusal(case: Case) -> Refusal | None:
    """The first reason for which no line of the claim is paid."""
    for rule in CLAIM_RULES:
        refusal = rule(case)
        if refusal is not None:
            return refusal
    return None


def line_refusal(case: Case, line: ServiceLine) -> Refusal | None:
    """The first reason for which this line is not paid."""
    for rule in LINE_RULES:
        refusal = rule(case, line)
        if refusal is not None:
            return refusal
    return None


def first_day(case: Case) -> date:
    return min(line.first_day for line in case.claim.lines)


def _not_identified(case: Case) -> Refusal | None:
    if case.member is not None:
        return None
    return Refusal(group="CO", reason="140" if case.mismatch else "31", remarks=("N382",))


def _not_covered_then(case: Case) -> Refusal | None:
    member, day = case.member, first_day(case)
    if member is None or member.covered_on(day, known_on=case.today):
        return None
    return Refusal(group="CO", reason="26" if day < member.starts_on else "27", remarks=("N30",))


def _other_payer_first(case: Case) -> Refusal | None:
    other = case.member.other_cover if case.member else None
    if other is None or not other.is_primary or not case.is_primary or not other.holds_on(first_day(case)):
        return None
    bill_instead = Party(
        role="PR", is_person=False, last_name=other.payer_name, identifier_qualifier="PI", identifier=other.payer_id
    )
    if other.replaces_this_payer:
        return Refusal(group="CO", reason="24", remarks=(), bill_instead=bill_instead)
    return Refusal(group="CO", reason="22", remarks=("N598",), bill_instead=bill_instead)


def _answer_of_payer_before_missing(case: Case) -> Refusal | None:
    if case.is_primary or case.prior is not None:
        return None
    return Refusal(group="CO", reason="16", remarks=("N4",))


def _too_late(case: Case) -> Refusal | None:
    """The clock of a corrected claim and of a secondary one starts at the earlier answer."""
    habits, days = case.payer.habits, case.payer.habits.filing_days
    started = first_day(case)
    if case.registered.forwarded_from is not None:
        return None
    if case.registered.replaces is not None:
        original = case.book.claims.claim(case.registered.replaces)
        days = habits.corrected_days
        if habits.corrected_clock == "remit":
            started = original.paid_on or started
    elif not case.is_primary:
        decided = [
            answer.adjudicated_on for line in case.claim.lines for answer in line.adjudications
            if answer.adjudicated_on
        ] + [other.adjudicated_on for other in case.claim.other_coverages if other.adjudicated_on]  # fmt: skip
        started = max(decided, default=started)
    if case.registered.received_on <= started + timedelta(days=days):
        return None
    return Refusal(group="CO", reason="29", remarks=("N211",) if case.payer.is_medicare else ())


def _rendering_missing(case: Case) -> Refusal | None:
    if not case.book.rules(case.payer.payer_id, RuleKind.RENDERING_NPI, "*") or not rendering_missing(case):
        return None
    return _missing(case, "N290")


def rendering_missing(case: Case) -> bool:
    claim = case.claim
    if claim.billing_provider.is_person or (claim.rendering_provider and claim.rendering_provider.npi):
        return False
    return any(line.rendering_provider is None or not line.rendering_provider.npi for line in claim.lines)


def _missing(case: Case, remark: str) -> Refusal:
    """CO-16. MA130: unprocessable, no appeal, to be sent anew as an original."""
    is_unprocessable = case.payer.habits.missing_element == "unprocessable"
    return Refusal(group="CO", reason="16", remarks=(remark, "MA130") if is_unprocessable else (remark,))


def _duplicate(case: Case, line: ServiceLine) -> Refusal | None:
    """Same person, day, code and modifiers, paid or pending. What this claim replaces no longer counts."""
    for earlier in case.history(line):
        if earlier.code == line.procedure.code and set(earlier.modifiers) == set(line.procedure.modifiers):
            return Refusal(group="OA", reason="18", remarks=("N522",))
    return None


def _asks(case: Case, kind: RuleKind, line: ServiceLine) -> list[str]:
    return case.book.rules(case.payer.payer_id, kind, line.procedure.code)


def _element_missing(case: Case, line: ServiceLine) -> Refusal | None:
    claim = case.claim
    referring = line.referring_provider or claim.referring_provider or line.ordering_provider
    if _asks(case, RuleKind.REFERRING_NPI, line) and (referring is None or not referring.npi):
        return _missing(case, "N286")
    if _asks(case, RuleKind.CLIA, line) and not (line.clia_number or claim.clia_number):
        return _missing(case, "MA120")
    if _asks(case, RuleKind.NDC, line) and line.drug is None:
        return _missing(case, "M119")
    return None


def _not_covered(case: Case, line: ServiceLine) -> Refusal | None:
    for group in _asks(case, RuleKind.NOT_COVERED, line):
        return Refusal(group=group, reason="96", remarks=("N130",))
    if case.member and case.member.plan_id in _asks(case, RuleKind.NOT_IN_PLAN, line):
        return Refusal(group="PR", reason="204", remarks=("N130",))
    return None


def _authorization(case: Case, line: ServiceLine) -> Refusal | None:
    if not _asks(case, RuleKind.AUTHORIZATION, line) or case.member is None or not case.is_primary:
        return None
    number = line.prior_authorization or case.claim.prior_authorization
    if not number:
        return Refusal(group="CO", reason="197", remarks=("M62",))
    on_file = case.book.authorization(case.payer.payer_id, number)
    if (
        on_file is None
        or on_file.member_id != case.member.member_id
        or on_file.code not in ("*", line.procedure.code)
        or not on_file.starts_on <= line.first_day <= on_file.ends_on
    ):
        return Refusal(group="CO", reason="15", remarks=("M62",))
    used = case.book.claims.units_used(payer_id=case.payer.payer_id, authorization=number, before=case.registered.id)
    if used + int(line.units) > on_file.units:
        return Refusal(group="CO", reason="198", remarks=("N54",))
    return None


def _modifier(case: Case, line: ServiceLine) -> Refusal | None:
    if set(_asks(case, RuleKind.BAD_MODIFIER, line)) & set(line.procedure.modifiers):
        return Refusal(group="CO", reason="4", remarks=("N519",))
    return None


def _bundled(case: Case, line: ServiceLine) -> Refusal | None:
    if DISTINCT & set(line.procedure.modifiers):
        return None
    comprehensive = set(_asks(case, RuleKind.BUNDLED_INTO, line))
    same_day: list[RegisteredLine] = list(case.history(line))
    codes = {other.procedure.code for other in case.claim.lines if other is not line} | {each.code for each in same_day}
    return Refusal(group="CO", reason="97", remarks=("M15",)) if comprehensive & codes else None


def _documentation(case: Case, line: ServiceLine) -> Refusal | None:
    """The payer wants records before it decides; on an 835 that is a denial."""
    if _asks(case, RuleKind.DOCUMENTATION, line):
        return Refusal(group="CO", reason="252", remarks=("M127",))
    return None


def _necessity(case: Case, line: ServiceLine) -> Refusal | None:
    supporting = [prefix for value in _asks(case, RuleKind.DIAGNOSIS, line) for prefix in value.split(",")]
    if not supporting:
        return None
    named = [case.claim.diagnoses[pointer - 1] for pointer in line.diagnosis_pointers]
    if any(code.startswith(tuple(supporting)) for code in named):
        return None
    return Refusal(group="CO", reason="50", remarks=("N115",))


def _limit(case: Case, line: ServiceLine) -> Refusal | None:
    limits = _asks(case, RuleKind.YEARLY_LIMIT, line)
    if not limits or case.member is None:
        return None
    used = case.book.claims.units_in_year(
        member=case.member.id, code=line.procedure.code, year=line.first_day.year, before=case.registered.id
    )
    if used + int(line.units) > int(limits[0]):
        return Refusal(group="PR", reason="119", remarks=("N362",))
    return None


CLAIM_RULES: tuple[Callable[[Case], Refusal | None], ...] = (
    _not_identified, _not_covered_then, _other_payer_first, _answer_of_payer_before_missing, _too_late,
    _rendering_missing,
)  # fmt: skip
LINE_RULES: tuple[Callable[[Case, ServiceLine], Refusal | None], ...] = (
    _duplicate, _element_missing, _not_covered, _authorization, _modifier, _bundled, _documentation, _necessity,
    _limit,
)  # fmt: skip
