"""Statuses (STC) and which of them counts: a rejection above a claim rejects the claim."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from ..codes.claim_status import CATEGORIES, Outcome, outcome_of, sentence

REJECT: Final = "U"


class Level(StrEnum):
    """Where a status stands."""

    RECEIVER = "receiver"
    PROVIDER = "provider"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class Status:
    """One of STC01, STC10, STC11: category, status code, and whose data it is about."""

    category: str
    code: str
    entity: str = ""

    @property
    def sentence(self) -> str:
        """For the biller, in our words."""
        return sentence(self.category, self.code, self.entity)


@dataclass(frozen=True, slots=True)
class StatusInformation:
    """STC."""

    statuses: tuple[Status, ...]  # one to three
    on: date | None = None  # STC02
    action: str = ""  # STC03: WQ accept, U reject; payers write WQ beside a rejection, the category decides
    amount: Decimal | None = None  # STC04: total charge
    message: str = ""  # STC12: free text; the guide has no place for it, payers send it
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class EffectiveStatus:
    """The status that counts for a claim, with every reason given at its level."""

    level: Level
    category: str
    outcome: Outcome | None
    reasons: tuple[Status, ...]
    messages: tuple[str, ...] = ()
    on: date | None = None
    contradicts_itself: bool = False

    @property
    def moves_claim(self) -> bool:
        """False where the answer breaks the guide (F, P, R, E categories, unknown ones, an accepting
        category with the action "reject"): then a person is told, and the claim stays where it was."""
        known = CATEGORIES.get(self.category)
        return bool(known and known.in_277ca) and not self.contradicts_itself

    @property
    def sentence(self) -> str:
        """All reasons and free texts, for the biller."""
        words = [each.sentence for each in self.reasons if each.category == self.category] or [self.category]
        return "; ".join(dict.fromkeys([*words, *self.messages]))


_WEIGHT: Final = {
    Outcome.REJECTED: 5,
    Outcome.NOT_FOUND: 4,
    Outcome.SPLIT: 3,
    Outcome.ACCEPTED: 2,
    Outcome.RECEIVED: 1,
}
"""Of several statuses at one level the heaviest counts; what is not in the guide weighs nothing."""


def effective_status(
    levels: Sequence[tuple[Level, Sequence[StatusInformation]]],
    *,
    details: Iterable[StatusInformation] = (),
) -> EffectiveStatus:
    """The status that counts among levels given from the top; the last one is the claim's own.

    The highest level that rejects decides. If none rejects, the last level speaks: "received" for
    a file says nothing of a claim in it. `details` (service lines) only add reasons to it.
    """
    for level, information in levels:
        if _heaviest(information)[1] is Outcome.REJECTED:
            return _effective(level, information, details if level is levels[-1][0] else ())
    level, information = levels[-1]
    return _effective(level, information, details)


def _heaviest(information: Iterable[StatusInformation]) -> tuple[str, Outcome | None]:
    best: tuple[str, Outcome | None] = ("", None)
    best_weight = -1
    for each in information:
        for status in each.statuses:
            outcome = outcome_of(status.category)
            weight = _WEIGHT.get(outcome, 0) if outcome else 0
            if weight > best_weight:
                best, best_weight = (status.category, outcome), weight
    return best


def _effective(
    level: Level, information: Sequence[StatusInformation], details: Iterable[StatusInformation]
) -> EffectiveStatus:
    category, outcome = _heaviest(information)
    told = [*information, *details]
    actions = {each.action for each in information}
    return EffectiveStatus(
        level=level,
        category=category,
        outcome=outcome,
        reasons=tuple(dict.fromkeys(status for each in told for status in each.statuses)),
        messages=tuple(dict.fromkeys(each.message for each in told if each.message)),
        on=next((each.on for each in information if each.on), None),
        contradicts_itself=REJECT in actions and outcome in (Outcome.ACCEPTED, Outcome.RECEIVED, Outcome.SPLIT),
    )
