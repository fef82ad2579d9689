"""Import an 835: kept raw, judged part by part, matched to our claims. Posting is another step.

A part is *accepted* (it balances; what is not ours is held), *refused* (with segment and difference, nothing of it
in the books) or *repeated* (the same ST..SE was taken before). The same check in another file posts only what is new.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Max, Sum

from billing.edi.remittance_835 import (
    ClaimPayment,
    Refusal,
    check_key,
    patient_name,
    payer_names,
    read_parts,
)
from billing.edi.remittance_835 import Remittance as Advice
from billing.models import Adjustment, ClaimResponse, LineResponse, ProviderAdjustment, RefusedRemittance, Remittance
from billing.services.matching import lineages_of, match_claim, match_lines
from clearinghouse.models import TradingPartner, Transmission
from clearinghouse.services import exchange
from clinic import audit, clock
from clinic.bulk import copy_rows
from clinic.models import Claim, Payer, Practice, User, record_status
from clinic.money import ZERO, dollars
from clinic.services.events import emit

Status = Remittance.Status
CLAIMS_AT_ONCE = 500
BY_HAND = "Files handed in by a person"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one check or EFT of a file."""

    verdict: str  # accepted | refused | repeated
    trace_number: str = ""
    claims: int = 0
    matched: int = 0
    held: int = 0
    segment: int | None = None
    reason: str = ""
    remittance: Remittance | None = None


def import_bytes(*, payload: bytes, name: str, by: User | None) -> list[Verdict]:
    """A file that a person or command hands in. Its bytes are kept first; the same bytes again are repeats."""
    transmission, created = exchange.keep_inbound(partner=hand_partner(), payload=payload, name=name)
    verdicts = import_transmission(transmission, by=by)
    if created:
        exchange.mark_read(transmission=transmission, by_kind="835")
    return verdicts


def import_transmission(transmission: Transmission, *, by: User | None = None) -> list[Verdict]:
    """Every part of one kept file, each in a transaction of its own. Safe to repeat: parts taken before are repeats."""
    return [_import_part(transmission, part, by) for part in read_parts(bytes(transmission.payload))]


def hand_partner() -> TradingPartner:
    """The partner under which files are kept that no clearinghouse brought."""
    partner, _ = TradingPartner.objects.get_or_create(
        name=BY_HAND,
        defaults={
            "driver": TradingPartner.Driver.FOLDER,
            "sender_id": "TANDEM",
            "receiver_id": "HAND",
            "is_active": False,
        },
    )
    return partner


def _import_part(transmission: Transmission, part: Advice | Refusal, by: User | None) -> Verdict:
    if isinstance(part, Refusal):
        return _refuse(transmission, part, by)
    with transaction.atomic():
        return _accept(transmission, part, by)


@transaction.atomic
def _refuse(transmission: Transmission, refusal: Refusal, by: User | None) -> Verdict:
    row, created = RefusedRemittance.objects.get_or_create(
        transmission=transmission,
        segment=refusal.segment,
        rule=refusal.rule[:40],
        defaults={
            "tag": refusal.tag[:3], "sentence": refusal.sentence[:500], "expected": refusal.expected,
            "found": refusal.found, "trace_number": refusal.trace_number[:50],
            "payer_name": refusal.payer_name[:60], "amount": refusal.amount,
        },
    )  # fmt: skip
    if created:
        audit.record(act="remittance.refused", by=by, row=row, detail={"segment": refusal.segment})
        emit(kind="remittance.refused", record=row, payload={"segment": refusal.segment, "rule": refusal.rule}, by=by)
    return Verdict("refused", trace_number=refusal.trace_number, segment=refusal.segment, reason=refusal.sentence)


def _accept(transmission: Transmission, part: Advice, by: User | None) -> Verdict:
    key = check_key(part)[:120]
    lock_check(key)
    taken = Remittance.objects.filter(digest=part.digest).first()
    if taken is not None:
        return Verdict(
            "repeated",
            trace_number=part.trace_number,
            claims=len(part.claims),
            reason=f"Taken on {clock.local(taken.created_at):%m/%d/%Y %H:%M} already; nothing was posted again.",
            remittance=taken,
        )
    payer = _payer(part)
    ours = _is_ours(part)
    row = Remittance.objects.create(
        transmission=transmission, digest=part.digest, check_key=key, payer=payer,
        payer_identifier=(part.payer_identifier or part.payer.identifier)[:30], payer_name=part.payer.name[:60],
        payee_name=part.payee.name[:60], payee_npi=part.payee.npi[:10], payee_tax_id=part.payee.tax_id[:12],
        trace_number=part.trace_number[:50], paid_on=part.paid_on, amount=part.payment_amount, method=part.method[:3],
        position=part.position, status=Status.IMPORTED if ours else Status.NOT_OURS,
        held_reason="" if ours else _not_ours(part),
    )  # fmt: skip
    fresh = _new_responses(row, part, payer, ours)
    adjustments = _new_provider_adjustments(row, part, key)
    if ours:
        _hold_when_over(row, key, fresh.paid, adjustments)
    record_status(row, from_status="", to_status=row.status, by=by)
    audit.record(act="remittance.imported", by=by, row=row, detail={"claims": fresh.claims})
    emit(kind="remittance.imported", record=row, payload={"claims": fresh.claims}, by=by)
    return Verdict(
        "accepted", trace_number=part.trace_number, claims=len(part.claims), matched=fresh.matched, held=fresh.held,
        reason=row.held_reason, remittance=row,
    )  # fmt: skip


def lock_check(key: str) -> None:
    """One importer at a time for a check: eight sessions with the same file leave one remittance."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 835))", [key])


def _payer(part: Advice) -> Payer | None:
    names = payer_names(part)
    found = {p.payer_id: p for p in Payer.objects.filter(payer_id__in=names)}
    return next((found[n] for n in names if n in found), None)


def _is_ours(part: Advice) -> bool:
    practice = Practice.objects.first()
    if practice is None:
        return False
    if part.payee.npi:
        return part.payee.npi == practice.npi
    return bool(part.payee.tax_id) and part.payee.tax_id.replace("-", "") == practice.tax_id


def _not_ours(part: Advice) -> str:
    return (
        f"The payee is {part.payee.name or 'not named'}"
        f"{f' (NPI {part.payee.npi})' if part.payee.npi else ''}, not this practice. Nothing was matched or posted."
    )


@dataclass(slots=True)
class _Tally:
    """The claim payments of a check that no earlier file brought."""

    claims: int = 0
    matched: int = 0
    held: int = 0
    paid: Decimal = ZERO


def _new_responses(row: Remittance, part: Advice, payer: Payer | None, ours: bool) -> _Tally:
    """Rows for what is new, some at a time: a check of 10,000 claims is not held in memory twice."""
    keys = _keys(row.check_key, part.claims)
    tally = _Tally()
    for begin in range(0, len(keys), CLAIMS_AT_ONCE):
        some = slice(begin, begin + CLAIMS_AT_ONCE)
        known = set(ClaimResponse.objects.filter(key__in=keys[some]).values_list("key", flat=True))
        fresh = [(k, p) for k, p in zip(keys[some], part.claims[some], strict=True) if k not in known]
        lineages = lineages_of(payment for _key, payment in fresh) if ours else {}
        _copy_responses(row, fresh, payer, ours, lineages, tally)
    return tally


def _copy_responses(
    row: Remittance, fresh: Sequence[tuple[str, ClaimPayment]], payer: Payer | None, ours: bool,
    lineages: Mapping[str, list[Claim]], tally: _Tally,
) -> None:  # fmt: skip
    responses: list[ClaimResponse] = []
    lines: list[LineResponse] = []
    adjustments: list[Adjustment] = []
    for key, payment in fresh:
        response = _response(row, key, payment, payer, ours, lineages)
        own_lines, own_adjustments = _lines(response, payment)
        responses.append(response)
        lines += own_lines
        adjustments += own_adjustments
    copy_rows(responses)
    copy_rows(lines)
    copy_rows(adjustments)
    tally.claims += len(responses)
    tally.matched += sum(r.status == ClaimResponse.Status.MATCHED for r in responses)
    tally.held += sum(r.status == ClaimResponse.Status.HELD for r in responses)
    tally.paid += sum((r.paid for r in responses), ZERO)


def _keys(check: str, payments: Iterable[ClaimPayment]) -> list[str]:
    """(check, CLP01, CLP07, CLP02, n-th equal): equal CLPs of one file are several answers, not one."""
    seen: Counter[tuple[str, str, str]] = Counter()
    keys = []
    for payment in payments:
        facts = (payment.patient_control_number[:40], payment.payer_claim_number[:50], payment.status)
        seen[facts] += 1
        keys.append("|".join((check, *facts, str(seen[facts]))))
    return keys


def _response(
    row: Remittance, key: str, payment: ClaimPayment, payer: Payer | None, ours: bool,
    lineages: Mapping[str, list[Claim]],
) -> ClaimResponse:  # fmt: skip
    match = match_claim(payment, payer, lineages) if ours else None
    claim = match.claim if match else None
    if not ours:
        status, reason = ClaimResponse.Status.HELD, "The check is for another payee."
    elif claim is None:
        status = ClaimResponse.Status.MEMO if match and match.is_memo else ClaimResponse.Status.HELD
        reason = match.reason if match else ""
    else:
        status, reason = ClaimResponse.Status.MATCHED, ""
    received = next((d.on for d in payment.dates if d.qualifier == "050"), None)
    return ClaimResponse(
        remittance=row, key=key[:250], position=payment.position, claim=claim, status=status, held_reason=reason,
        patient_control_number=payment.patient_control_number[:40], status_code=payment.status[:2],
        charge=payment.charge, paid=payment.paid, patient_responsibility=payment.patient_responsibility,
        filing_indicator=payment.filing_indicator[:2], payer_claim_number=payment.payer_claim_number[:50],
        patient_name=patient_name(payment),
        crossover_name=payment.crossover_carrier.full_name[:60] if payment.crossover_carrier else "",
        corrected_member_id=payment.corrected_insured.identifier if payment.corrected_insured else "",
        remark_codes=list(payment.remark_codes), received_on=received, interest=payment.interest,
    )  # fmt: skip


def _lines(response: ClaimResponse, payment: ClaimPayment) -> tuple[list[LineResponse], list[Adjustment]]:
    adjustments = [
        Adjustment(response=response, group=a.group[:2], reason_code=a.reason[:5], amount=a.amount, quantity=a.quantity)
        for a in payment.adjustments
    ]
    rows: list[LineResponse] = []
    ours = list(response.claim.lines.all()) if response.claim else []
    for service, line in zip(payment.lines, match_lines(payment, ours), strict=True):
        row = LineResponse(
            response=response, position=service.position, line=line, charge_item=line.charge if line else None,
            code=service.procedure.code[:48], modifiers=[m[:2] for m in service.procedure.modifiers],
            submitted_code=service.submitted_procedure.code[:48] if service.submitted_procedure else "",
            charge=service.charge, paid=service.paid, units=service.units, service_date=service.first_day,
            control_number=service.control_number[:50], allowed=service.allowed,
            remark_codes=[c[:6] for c in service.remark_codes],
        )  # fmt: skip
        rows.append(row)
        adjustments += [
            Adjustment(
                response=response, line=row, group=a.group[:2], reason_code=a.reason[:5], amount=a.amount,
                quantity=a.quantity,
            )
            for a in service.adjustments
        ]  # fmt: skip
        if response.claim and line is None and response.status == ClaimResponse.Status.MATCHED:
            response.status = ClaimResponse.Status.HELD
            response.held_reason = f"Line {service.procedure.code} ({dollars(service.charge)}) is not on our claim."
    return rows, adjustments


def _new_provider_adjustments(row: Remittance, part: Advice, check: str) -> list[ProviderAdjustment]:
    seen: Counter[tuple[str, str, Decimal]] = Counter()
    rows = []
    for each in part.provider_adjustments:
        facts = (each.code, each.reference, each.amount)
        seen[facts] += 1
        key = "|".join((check, "PLB", each.code, each.reference[:50], str(each.amount), str(seen[facts])))[:250]
        rows.append(
            ProviderAdjustment(
                remittance=row, key=key, position=each.position, provider_identifier=each.provider[:20],
                code=each.code[:4], reference=each.reference[:50], amount=each.amount,
            )
        )  # fmt: skip
    known = set(ProviderAdjustment.objects.filter(key__in=[r.key for r in rows]).values_list("key", flat=True))
    return ProviderAdjustment.objects.bulk_create([r for r in rows if r.key not in known])


def _hold_when_over(row: Remittance, check: str, newly_paid: Decimal, adjustments: list[ProviderAdjustment]) -> None:
    """What all files of one check post may not pass the largest amount that any of them states for it."""
    earlier = Remittance.objects.filter(check_key=check).exclude(pk=row.pk).exclude(status=Status.SET_ASIDE)
    largest = max(earlier.aggregate(m=Max("amount"))["m"] or ZERO, row.amount)
    paid = ClaimResponse.objects.filter(remittance__in=earlier).aggregate(s=Sum("paid"))["s"] or ZERO
    kept = ProviderAdjustment.objects.filter(remittance__in=earlier).aggregate(s=Sum("amount"))["s"] or ZERO
    total = paid - kept + newly_paid - sum((a.amount for a in adjustments), ZERO)
    if total <= largest:
        return
    row.status = Status.HELD
    row.held_reason = (
        f"The files for check {row.trace_number} add up to {dollars(total)}, more than its {dollars(largest)}."
        " Ask the payer which file is right."
    )
    row.save(update_fields=["status", "held_reason", "updated_at"])
