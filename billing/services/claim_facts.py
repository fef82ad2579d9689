"""Claim to ClaimFacts: gathers what the edits look at, from the record as it stands now."""

import re
from collections.abc import Sequence

from billing.claim_edits import facts as f
from billing.claim_edits.lines import LABORATORY
from billing.queries.coordination import decision_on
from billing.queries.fees import pick, prices_of
from clinic import clock
from clinic.models import ChargeItem, Claim, ClaimLine, Coverage, Patient, Payer, Practice
from insurance.models import PayerRoute, PriorAuthorization

IMAGING = re.compile(r"^7[0-9]\d{3}$")
ANSWERED = (Claim.Status.PAID, Claim.Status.PARTIALLY_PAID, Claim.Status.ADJUDICATED, Claim.Status.DENIED)


def facts_of(claim: Claim) -> f.ClaimFacts:
    """The claim whole. Reads only; the caller holds the claim's row."""
    practice = Practice.objects.get()
    patient, coverage, payer, visit = claim.patient, claim.coverage, claim.payer, claim.visit
    lines = list(claim.lines.select_related("charge__rendering_provider"))
    referring = claim.referring_provider
    return f.ClaimFacts(
        number=claim.number,
        today=clock.today(visit.location),
        patient_id=str(patient.pk),
        patient=_patient(patient),
        coverage=_coverage(coverage),
        lines=_lines(claim, lines),
        diagnoses=tuple(claim.diagnosis_codes),
        total=claim.total,
        place_of_service=claim.place_of_service,
        frequency=claim.frequency,
        original_reference=claim.original_reference,
        payer_name=payer.name,
        payer_id=payer.payer_id,
        payer_is_active=payer.is_active,
        payer_has_route=has_route(payer),
        payer_is_medicare=payer.is_medicare,
        payer_is_medicaid=payer.is_medicaid,
        payer_takes_replacements=payer.replacement != Payer.Replacement.REOPENING,
        file_by=claim.file_by,
        order=claim.order,
        billing_npi=practice.npi,
        billing_tax_id=practice.tax_id,
        billing_line1=practice.line1,
        billing_city=practice.city,
        billing_state=practice.state,
        billing_zip=practice.zip_code,
        rendering_name=str(claim.rendering_provider),
        rendering_npi=claim.rendering_provider.npi,
        rendering_taxonomy=claim.rendering_provider.taxonomy,
        referring_name=str(referring) if referring else "",
        referring_npi=referring.npi if referring else None,
        needs_referring=needs_referring(payer, [line.code for line in lines]),
        clia_number=claim.clia_number,
        is_accident=visit.is_accident,
        accident_state=visit.accident_state,
        accident_date=visit.accident_date,
        visit_status=visit.status,
        visit_patient_id=str(visit.patient_id),
        patient_is_merged=patient.merged_into_id is not None,
        restricts_disclosure=patient.restricts_disclosure,
        is_qmb=patient.is_qmb,
        other_coverages=_others(claim),
        prior_payer=_prior(claim, lines),
        same_content_answered=_answered(claim),
    )


def needs_referring(payer: Payer, codes: Sequence[str]) -> bool:
    """Medicare wants to know who ordered a laboratory test or an image, also when it is the same clinician."""
    return payer.is_medicare and any(LABORATORY.match(code) or IMAGING.match(code) for code in codes)


def has_route(payer: Payer) -> bool:
    return PayerRoute.objects.filter(payer=payer, does_claims=True, partner__is_active=True).exists()


def _patient(patient: Patient) -> f.PersonFacts:
    return f.PersonFacts(
        first_name=patient.first_name, last_name=patient.last_name, birth_date=patient.birth_date, sex=patient.sex,
        line1=patient.line1, city=patient.city, state=patient.state, zip_code=patient.zip_code,
    )  # fmt: skip


def _coverage(row: Coverage) -> f.CoverageFacts:
    subscriber = f.PersonFacts(
        first_name=row.subscriber_first_name, last_name=row.subscriber_last_name, birth_date=row.subscriber_birth_date,
        sex=row.subscriber_sex,
    )  # fmt: skip
    return f.CoverageFacts(
        member_id=row.member_id or "", order=row.order, relationship=row.relationship, starts_on=row.starts_on,
        ends_on=row.ends_on, is_active=row.is_active, patient_id=str(row.patient_id), subscriber=subscriber,
        medicare_secondary_type=row.medicare_secondary_type,
    )  # fmt: skip


def _lines(claim: Claim, lines: Sequence[ClaimLine]) -> tuple[f.LineFacts, ...]:
    if not lines:
        return ()
    day = lines[0].service_date
    prices = prices_of(codes=[line.code for line in lines], on=day, payer=claim.payer)
    numbers = {number for line in lines if (number := _number(claim, line))}
    known = _authorizations(claim, numbers)
    found = []
    for line in lines:
        charge = line.charge
        price = pick(prices, line.code, line.modifiers)
        number = _number(claim, line)
        found.append(
            f.LineFacts(
                position=line.position, charge_id=str(charge.pk), patient_id=str(charge.patient_id), code=line.code,
                service_date=line.service_date, units=line.units, amount=line.amount, pointers=tuple(line.pointers),
                modifiers=tuple(line.modifiers), ndc=line.ndc, is_void=charge.is_void,
                rendering_npi=charge.rendering_provider.npi if charge.rendering_provider else "",
                needs_authorization=bool(price and price.needs_authorization), authorization_number=number,
                authorization=_authorization(known.get(number), charge),
            )
        )  # fmt: skip
    return tuple(found)


def _number(claim: Claim, line: ClaimLine) -> str:
    return line.charge.prior_authorization_number or claim.prior_authorization_number


def _authorizations(claim: Claim, numbers: set[str]) -> dict[str, PriorAuthorization]:
    rows = PriorAuthorization.objects.filter(patient=claim.patient, coverage__payer=claim.payer, number__in=numbers)
    return {row.number: row for row in rows.prefetch_related("uses")}


def _authorization(row: PriorAuthorization | None, charge: ChargeItem) -> f.Authorization | None:
    """None for a number that only the payer knows: it is sent as entered. An expired one is judged by its dates."""
    if row is None or row.starts_on is None or row.ends_on is None:
        return None
    open_uses = [use for use in row.uses.all() if use.released_at is None]
    used = sum(use.units for use in open_uses)
    own = charge.units if all(use.charge_id != charge.pk for use in open_uses) else 0
    return f.Authorization(
        number=row.number, codes=tuple(row.codes), starts_on=row.starts_on, ends_on=row.ends_on,
        units_left=row.units - used - own,
        is_usable=row.status in (*PriorAuthorization.USABLE, PriorAuthorization.Status.EXPIRED),
    )  # fmt: skip


def _others(claim: Claim) -> tuple[f.OtherCoverage, ...]:
    rows = (
        Coverage.objects.on(claim.visit.service_date)
        .filter(patient=claim.patient)
        .exclude(pk=claim.coverage_id)
        .select_related("payer")
    )
    return tuple(
        f.OtherCoverage(
            order=row.order, payer_name=row.payer.name, is_medicaid=row.payer.is_medicaid,
            is_medicare=row.payer.is_medicare,
        )
        for row in rows
    )  # fmt: skip


def _prior(claim: Claim, lines: Sequence[ClaimLine]) -> f.PriorPayer | None:
    before = claim.after
    if before is None:
        return None
    decision = decision_on(before)
    answers = tuple(
        f.PriorAnswer(line=line.position, paid=said.paid, adjusted=said.adjusted)
        for line in lines
        if (said := decision.lines.get(line.charge_id)) is not None
    )
    if decision.has_answered and not decision.lines:  # answered for the whole claim: its sum stands for the lines
        whole = sum((each.amount for each in decision.reductions), decision.paid)
        answers = tuple(
            f.PriorAnswer(
                line=line.position, paid=line.amount if whole == claim.total else whole, adjusted=line.amount * 0
            )
            for line in lines
        )
    return f.PriorPayer(
        name=before.payer.name, has_answered=decision.has_answered, was_forwarded=decision.was_forwarded and not _taken_over(claim),
        adjudicated_on=decision.decided_on, lines=answers,
    )  # fmt: skip


def _taken_over(claim: Claim) -> bool:
    """A person has found out that the payer never got the forwarded claim (secondary.bill_forwarded)."""
    return claim.history().filter(from_status=Claim.Status.FORWARDED, to_status=Claim.Status.DRAFT).exists()


def _answered(claim: Claim) -> f.AnsweredClaim | None:
    if not claim.content_sha256:
        return None
    same = (
        Claim.objects.filter(
            content_sha256=claim.content_sha256, payer=claim.payer, patient=claim.patient, status__in=ANSWERED
        )
        .exclude(pk=claim.pk)
        .order_by("created_at")
        .first()
    )
    return f.AnsweredClaim(number=same.number, answer=same.get_status_display().lower()) if same else None
