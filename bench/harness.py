"""How every benchmark is taken and told: floor and product in turn, the median of the rounds, one line of JSON each."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True)
class Size:
    """`scale` 1 is the practice of the goals; `rounds` pairs of floor and product."""

    scale: float = 1.0
    rounds: int = ROUNDS

    def of(self, full: int, *, least: int) -> int:
        return max(least, round(full * self.scale))


@dataclass(frozen=True)
class Result:
    """One measured goal. `value` and `floor` are in `unit`; `ratio` is the product against the floor, above 1 slower."""

    name: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    goal: str
    ok: bool

    def line(self) -> str:
        return json.dumps(
            {
                "name": self.name, "value": self.value, "unit": self.unit, "floor": self.floor, "ratio": self.ratio,
                "goal": self.goal, "ok": self.ok,
            }
        )  # fmt: skip


def tell(sentence: str) -> None:
    """Progress goes to stderr: stdout holds results only."""
    print(sentence, file=sys.stderr, flush=True)


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    begun = clock()
    work()
    return clock() - begun


def in_turn(floor: Callable[[], float], product: Callable[[], float], rounds: int) -> tuple[float, float]:
    """(median floor, median product), taken alternately: what else the machine does meets both."""
    floors: list[float] = []
    products: list[float] = []
    for _ in range(rounds):
        floors.append(floor())
        products.append(product())
    return statistics.median(floors), statistics.median(products)


def slower(floor: float, value: float) -> float:
    """How many times the floor."""
    return round(value / floor, 2)
