"""Who owes what after each event, in plain Python: the oracle of the state machine. It knows nothing of the database.

Lines belong to one guarantor. Money is Decimal. The rules are those of ledger_stories.md: a payer's answer moves the
patient's share, copays wait as credit on their visit, other money pays the oldest line, a reversal takes a share back
where it stands and frees what was paid of it.
"""

from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Answer:
    """What a payer said of one line. A denied line has none."""

    paid: Decimal
    contractual: Decimal
    share: Decimal


@dataclass
class Line:
    visit: int
    amount: Decimal
    ins: Decimal
    pat: Decimal = ZERO
    plan: Decimal = ZERO
    given_up: Decimal = ZERO
    """Of the patient's share, as a small balance: a reversal takes it back there."""
    lost: Decimal = ZERO
    """Of the payer's, for good."""
    paid: Decimal = ZERO
    """Patients' money that lies on the line."""
    answer: Answer | None = None


@dataclass
class Books:
    lines: list[Line] = field(default_factory=list)
    visit_credit: dict[int, Decimal] = field(default_factory=dict)
    account_credit: Decimal = ZERO
    taken: Decimal = ZERO
    from_payers: Decimal = ZERO
    has_plan: bool = False
    _due_order: list[int] = field(default_factory=list)
    _plan_order: list[int] = field(default_factory=list)

    def of_visit(self, visit: int) -> list[int]:
        return [n for n, line in enumerate(self.lines) if line.visit == visit]

    def charge(self, visit: int, amount: Decimal) -> int:
        self.lines.append(Line(visit, amount, ins=amount))
        self.visit_credit.setdefault(visit, ZERO)
        return len(self.lines) - 1

    # The payer

    def answered(self, visit: int, answers: dict[int, Answer | None]) -> None:
        """One claim payment; then the visit's own credit pays the visit's new debt."""
        shares = False
        for n, answer in answers.items():
            line = self.lines[n]
            line.answer = answer
            if answer is None:
                continue
            line.ins -= answer.paid + answer.contractual + answer.share
            self.from_payers += answer.paid
            if answer.share:
                shares = True
                self._owe(n, answer.share)
        if shares:
            for n, part in self._fill(
                [n for n in self._due_order if self.lines[n].visit == visit], self.visit_credit[visit]
            ):
                self.visit_credit[visit] -= part
                self._pay_due(n, part)

    def reversed(self, visit: int) -> None:
        for n in self.of_visit(visit):
            line, answer = self.lines[n], self.lines[n].answer
            line.answer = None
            if answer is None:
                continue
            line.ins += answer.paid + answer.contractual + answer.share
            self.from_payers -= answer.paid
            self._take_back(n, answer.share)

    def _take_back(self, n: int, share: Decimal) -> None:
        """First where the debt stands, after what is missing there was set free from what had been paid."""
        line = self.lines[n]
        standing = max(line.pat, ZERO) + line.plan + line.given_up
        freed = min(max(share - standing, ZERO), line.paid)
        line.paid -= freed
        line.pat += freed
        self.visit_credit[line.visit] += freed
        for place in ("pat", "plan", "given_up"):
            part = min(share, max(getattr(line, place), ZERO))
            setattr(line, place, getattr(line, place) - part)
            share -= part
        line.pat -= share

    def give_up_payer(self, n: int) -> None:
        line = self.lines[n]
        line.lost += line.ins
        line.ins = ZERO

    # The patient

    def copay(self, visit: int, amount: Decimal) -> None:
        self.taken += amount
        self.visit_credit[visit] += amount

    def balance_paid(self, amount: Decimal) -> None:
        self.taken += amount
        for n, part in self._fill(self._due_order, amount):
            amount -= part
            self._pay_due(n, part)
        self.account_credit += amount

    def give_up_small(self, n: int, amount: Decimal) -> None:
        self.lines[n].pat -= amount
        self.lines[n].given_up += amount

    def to_plan(self, visits: set[int]) -> Decimal:
        """All that is due of these visits; what it comes to."""
        total = ZERO
        for n in self._due_order:
            line = self.lines[n]
            if line.visit in visits and line.pat > ZERO:
                total += line.pat
                line.plan += line.pat
                line.pat = ZERO
                if n not in self._plan_order:
                    self._plan_order.append(n)
        self.has_plan = total > ZERO
        return total

    def due_of(self, visits: set[int]) -> Decimal:
        return sum((max(line.pat, ZERO) for line in self.lines if line.visit in visits), ZERO)

    def on_plan(self) -> Decimal:
        return sum((line.plan for line in self.lines), ZERO)

    def installment(self, amount: Decimal) -> None:
        self.taken += amount
        for n in self._plan_order:
            part = min(amount, self.lines[n].plan)
            self.lines[n].plan -= part
            self.lines[n].paid += part
            amount -= part
        assert amount == ZERO
        self.has_plan = self.on_plan() > ZERO

    def plan_ended(self) -> None:
        for line in self.lines:
            line.pat += line.plan
            line.plan = ZERO
        self.has_plan = False

    # What must always hold, by itself

    def adds_up(self) -> bool:
        """Every cent of every charge is somewhere, and so is every cent that came in."""
        for line in self.lines:
            told = line.answer.paid + line.answer.contractual if line.answer else ZERO
            if line.amount != line.ins + line.pat + line.plan + line.given_up + line.lost + line.paid + told:
                return False
        lying = sum((line.paid for line in self.lines), ZERO)
        return self.taken == lying + sum(self.visit_credit.values(), ZERO) + self.account_credit

    def _owe(self, n: int, amount: Decimal) -> None:
        self.lines[n].pat += amount
        if n not in self._due_order:
            self._due_order.append(n)

    def _pay_due(self, n: int, part: Decimal) -> None:
        self.lines[n].pat -= part
        self.lines[n].paid += part

    def _fill(self, order: list[int], amount: Decimal) -> list[tuple[int, Decimal]]:
        parts = []
        for n in order:
            part = min(amount, max(self.lines[n].pat, ZERO))
            if part:
                parts.append((n, part))
                amount -= part
        return parts
