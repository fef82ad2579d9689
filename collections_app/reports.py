"""The aging page's bars as geometry: what a template turns into SVG. Figures stay in the table below them."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from clinic.money import ZERO, whole_dollars
from collections_app.queries.aged import Month, NamedRow

LEFT, WIDTH, ROW, HIGH = 150, 620, 34, 24
SHOWN = 12
LABELS = ("0–30", "31–60", "61–90", "91–120", "Over 120")
ROOM_FOR_LABEL = 30
TREND_HIGH, TREND_FOOT, TREND_STEP = 120, 148.5, 58


@dataclass(frozen=True)
class Bar:
    """`look` is the class of the bucket; `says` the figure for who points at it; `label` only where it fits."""

    look: str
    x: str
    y: str
    width: str
    height: str
    says: str
    label: str = ""
    label_x: str = ""
    label_look: str = ""


@dataclass(frozen=True)
class BarRow:
    name: str
    text_y: int
    bars: list[Bar]
    total: str
    total_x: str


@dataclass(frozen=True)
class Chart:
    rows: list[BarRow]
    ticks: list[tuple[str, str]]
    height: int
    foot: int


def stacked(rows: list[NamedRow]) -> Chart | None:
    """A row of bars for each of the largest payers or patients. Credits and what is on a plan are not in them."""
    shown = [row for row in rows if row.aged > ZERO][:SHOWN]
    if not shown:
        return None
    most = max(row.aged for row in shown)
    step = _step(most)
    top = step * (most / step).to_integral_value(ROUND_CEILING)  # // of a Decimal cuts towards zero
    drawn = [_row(n, row, top) for n, row in enumerate(shown)]
    foot = len(shown) * ROW + 4
    ticks = [(_at(WIDTH * n * step / top), _short(n * step)) for n in range(int(top / step) + 1)]
    return Chart(drawn, ticks, foot + 24, foot)


def _row(n: int, row: NamedRow, top: Decimal) -> BarRow:
    y = n * ROW + 6
    x = Decimal(LEFT)
    bars = []
    for place, amount in enumerate(row.row.amounts, 1):
        if amount <= ZERO:
            continue
        width = max(Decimal("0.8"), WIDTH * amount / top - Decimal("1.5"))
        label = _short(amount, sign=False) if width >= ROOM_FOR_LABEL else ""
        says = f"{row.name}, {LABELS[place - 1]} days: {_whole(amount)}"
        look = "in-l" if place <= 2 else "in-d"
        bars.append(Bar(f"b{place}", _at(x), str(y), _at(width), str(HIGH), says, label, _at(x + width / 2), look))
        x += width + Decimal("1.5")
    return BarRow(row.name[:22], y + 16, bars, _whole(row.aged), _at(x + 8))


@dataclass(frozen=True)
class Column:
    bars: list[Bar]
    x: int
    total: str
    total_y: str
    month: str


def trend(months: list[Month]) -> list[Column]:
    """One column a month, the youngest debt at the foot."""
    most = max((m.total for m in months), default=ZERO)
    if most <= ZERO:
        return []
    columns = []
    for n, month in enumerate(months):
        x = 6 + n * TREND_STEP
        y = Decimal(str(TREND_FOOT))
        bars = []
        for place, amount in enumerate(month.amounts, 1):
            if amount <= ZERO:
                continue
            high = max(Decimal("0.8"), TREND_HIGH * amount / most)
            y -= high
            says = f"{month.as_of:%b}, {LABELS[place - 1]} days: {_whole(amount)}"
            bars.append(Bar(f"b{place}", str(x), _at(y), "38", _at(max(high - Decimal("1.4"), Decimal("0.6"))), says))
        columns.append(Column(bars, x + 19, _short(month.total), _at(y - 6), f"{month.as_of:%b}"))
    return columns


def _step(most: Decimal) -> Decimal:
    """A round distance of the scale's lines: four to eight of them."""
    step = Decimal(1)
    while True:
        for times in (1, 2, 5):
            if most <= step * times * 6:
                return step * times
        step *= 10


def _at(value: Decimal) -> str:
    return f"{value:.1f}"


def _whole(amount: Decimal) -> str:
    return whole_dollars(amount)


def _short(amount: Decimal, *, sign: bool = True) -> str:
    mark = "$" if sign else ""
    return f"{mark}{amount / 1000:.1f}k" if amount >= 1000 else f"{mark}{amount:.0f}"
