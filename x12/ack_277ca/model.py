"""Claim acknowledgment (005010X214) as frozen dataclasses: source, receiver, providers, claims, lines.

A status at a higher level speaks for everything under it, so that no code should look at a claim's
own statuses alone: ask `claim_statuses()`.

`position` is the number of the segment in its file (ISA = 1); it and `unread` do not count for
equality.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from ..adjudication import Procedure, Reference, reference
from ..codes.claim_status import Outcome
from ..parties import Party
from ..segment import Segment
from .effective import EffectiveStatus, Level, Status, StatusInformation, effective_status


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """QTY and AMT of a receiver or provider."""

    accepted_count: int | None = None
    rejected_count: int | None = None
    accepted_amount: Decimal | None = None
    rejected_amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedLine:
    """SVC: a service line that the payer finds fault with."""

    procedure: Procedure
    charge: Decimal
    statuses: tuple[StatusInformation, ...]
    control_number: str = ""  # REF*FJ = our REF*6R
    prescription: str = ""  # REF*XZ
    units: Decimal | None = None
    revenue_code: str = ""
    first_day: date | None = None
    last_day: date | None = None
    position: int = field(default=0, compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedClaim:
    """TRN*2 to the next: one claim of ours."""

    patient: Party
    control_number: str  # TRN02 = our CLM01
    statuses: tuple[StatusInformation, ...]
    references: tuple[Reference, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    lines: tuple[AcknowledgedLine, ...] = ()
    position: int = field(default=0, compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)

    @property
    def payer_claim_number(self) -> str:
        """REF*1K: the payer's number, proof that it has the claim."""
        return reference(self.references, "1K")

    @property
    def payer_claim_numbers(self) -> tuple[str, ...]:
        """All REF*1K: a split claim (A5) has several."""
        return tuple(each.value for each in self.references if each.qualifier == "1K")

    @property
    def clearinghouse_number(self) -> str:
        """REF*D9: the clearinghouse's number of the claim."""
        return reference(self.references, "D9")


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedProvider:
    """HL*19: a billing provider and the claims under it."""

    party: Party
    trace: str = ""  # TRN*1
    statuses: tuple[StatusInformation, ...] = ()
    references: tuple[Reference, ...] = ()
    totals: Totals = Totals()
    claims: tuple[AcknowledgedClaim, ...] = ()
    position: int = field(default=0, compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAcknowledgment:
    """One source answering one receiver (us) about one file of claims."""

    source: Party  # PR payer, AY clearinghouse
    receiver: Party  # 41: whoever sent the claims
    reference_number: str  # BHT03
    created_at: datetime | None
    source_trace: str = ""  # TRN*1
    received_on: date | None = None  # DTP*050: the payer's receipt date
    processed_on: date | None = None  # DTP*009
    batch_number: str = ""  # TRN*2 = BHT03 of our 837
    statuses: tuple[StatusInformation, ...] = ()
    totals: Totals = Totals()
    providers: tuple[AcknowledgedProvider, ...] = ()
    control_number: str = field(default="", compare=False)
    position: int = field(default=0, compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)

    @property
    def claims(self) -> tuple[AcknowledgedClaim, ...]:
        """Every claim listed, whoever billed it."""
        return tuple(claim for provider in self.providers for claim in provider.claims)

    @property
    def rejects_batch(self) -> bool:
        """The whole file named by `batch_number` is rejected, whether its claims are listed or not."""
        return effective_status([(Level.RECEIVER, self.statuses)]).outcome is Outcome.REJECTED

    def rejected_providers(self) -> tuple[AcknowledgedProvider, ...]:
        """Providers all of whose claims in the file are rejected, whether listed or not."""
        return tuple(
            each
            for each in self.providers
            if effective_status([(Level.PROVIDER, each.statuses)]).outcome is Outcome.REJECTED
        )

    def claim_statuses(self) -> tuple["ClaimStatus", ...]:
        """What became of each claim that is listed, the highest rejection deciding."""
        found = []
        for provider in self.providers:
            for claim in provider.claims:
                line_statuses = tuple(each for line in claim.lines for each in line.statuses)
                effective = effective_status(
                    [
                        (Level.RECEIVER, self.statuses),
                        (Level.PROVIDER, provider.statuses),
                        (Level.CLAIM, claim.statuses),
                    ],
                    details=line_statuses,
                )
                found.append(ClaimStatus(claim=claim, provider=provider, effective=effective))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStatus:
    """One claim with the status that counts."""

    claim: AcknowledgedClaim
    provider: AcknowledgedProvider
    effective: EffectiveStatus

    @property
    def control_number(self) -> str:
        """Our CLM01."""
        return self.claim.control_number

    @property
    def outcome(self) -> Outcome | None:
        """What became of the claim; None when the category says nothing that we know."""
        return self.effective.outcome

    @property
    def category(self) -> str:
        """STC01-1 of the status that counts: A2, A7 ..."""
        return self.effective.category

    @property
    def level(self) -> Level:
        """Where it was said."""
        return self.effective.level


def totals_of(claims: Iterable[AcknowledgedClaim]) -> Totals:
    """Counts and charges of accepted and rejected claims, as the writer of a 277CA needs them."""
    counts = {True: 0, False: 0}
    amounts = {True: Decimal("0.00"), False: Decimal("0.00")}
    for claim in claims:
        outcome = effective_status([(Level.CLAIM, claim.statuses)]).outcome
        accepted = outcome not in (Outcome.REJECTED, Outcome.NOT_FOUND)
        counts[accepted] += 1
        amounts[accepted] += next((each.amount for each in claim.statuses if each.amount is not None), Decimal("0.00"))
    return Totals(
        accepted_count=counts[True] or None,
        rejected_count=counts[False] or None,
        accepted_amount=amounts[True] if counts[True] else None,
        rejected_amount=amounts[False] if counts[False] else None,
    )


__all__ = [
    "AcknowledgedClaim",
    "AcknowledgedLine",
    "AcknowledgedProvider",
    "ClaimAcknowledgment",
    "ClaimStatus",
    "EffectiveStatus",
    "Level",
    "Status",
    "StatusInformation",
    "Totals",
    "totals_of",
]
