"""What every driver promises (clearinghouse/interface.py), asked of each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clearinghouse.connect import DRIVERS, connect
from clearinghouse.interface import Clearinghouse, Found, Unreachable
from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clinic import clock

PAYLOAD = b"ISA*whatever*it*is~\r\n\x00\xff"


@dataclass
class Line:
    """A driver, what the other side holds, and how the other side leaves a file for us."""

    driver: Clearinghouse
    arrived: Callable[[str], list[bytes]]
    leave: Callable[[str, bytes], None]


def simulator(tmp_path: Path) -> Line:
    path = tmp_path / "payers.sqlite3"
    partner = TradingPartner(
        name="Relay",
        driver=TradingPartner.Driver.SIMULATOR,
        sender_id="US",
        receiver_id="THEM",
        config={"book": str(path)},
    )

    def arrived(number: str) -> list[bytes]:
        with Book(path) as book:
            rows = book.db.execute("SELECT payload FROM received WHERE control_number=?", (number,))
            return [bytes(row["payload"]) for row in rows]

    def leave(name: str, payload: bytes) -> None:
        with Book(path) as book, book.change():
            book.files.put_out(trader="US", name=name, payload=payload, due_at=clock.now())

    return Line(connect(partner), arrived, leave)


def folder(tmp_path: Path) -> Line:
    outbound, inbound = tmp_path / "out", tmp_path / "in"
    outbound.mkdir()
    inbound.mkdir()
    partner = TradingPartner(
        name="Folder", driver=TradingPartner.Driver.FOLDER, sender_id="US", receiver_id="THEM",
        config={"outbound": str(outbound), "inbound": str(inbound)},
    )  # fmt: skip
    return Line(
        connect(partner),
        lambda number: [path.read_bytes() for path in outbound.glob(f"{number}.x12")],
        lambda name, payload: (inbound / name).write_bytes(payload) and None,
    )


LINES: dict[str, Callable[[Path], Line]] = {"simulator": simulator, "folder": folder}


@pytest.fixture(params=sorted(LINES))
def wire(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> Line:
    settings.SIMULATOR_BOOK = tmp_path / "not-this-one.sqlite3"
    return LINES[request.param](tmp_path)


def test_every_driver_is_asked() -> None:
    assert {str(name) for name in DRIVERS} == set(LINES)


def test_after_send_the_other_side_has_every_byte(wire: Line) -> None:
    wire.driver.send(control_number="000000007", name="837P", payload=PAYLOAD)

    assert wire.arrived("000000007") == [PAYLOAD]


def test_find_knows_what_arrived_and_never_denies_it(wire: Line) -> None:
    wire.driver.send(control_number="000000007", name="837P", payload=PAYLOAD)

    assert wire.driver.find(control_number="000000007") is Found.RECEIVED
    assert wire.driver.find(control_number="000000008") is not Found.RECEIVED


def test_waiting_files_come_again_until_they_are_acknowledged(wire: Line) -> None:
    wire.leave("a.835", b"one")
    wire.leave("b.835", b"two")

    first = [(file.name, file.payload) for file in wire.driver.collect()]
    again = [(file.name, file.payload) for file in wire.driver.collect()]
    wire.driver.acknowledge(name="a.835")
    rest = [(file.name, file.payload) for file in wire.driver.collect()]

    assert first == again == [("a.835", b"one"), ("b.835", b"two")]
    assert rest == [("b.835", b"two")]


def test_acknowledging_twice_or_a_stranger_does_no_harm(wire: Line) -> None:
    wire.leave("a.835", b"one")

    wire.driver.acknowledge(name="a.835")
    wire.driver.acknowledge(name="a.835")
    wire.driver.acknowledge(name="never-seen")

    assert list(wire.driver.collect()) == []


def test_a_question_that_cannot_be_asked_is_unreachable_not_an_answer(wire: Line) -> None:
    with pytest.raises(Unreachable):
        wire.driver.inquire(control_number="000000009", payload=b"no question")


def test_a_folder_that_is_missing_is_unreachable(tmp_path: Path) -> None:
    partner = TradingPartner(name="Folder", driver="folder", config={"outbound": str(tmp_path / "gone")})

    with pytest.raises(Unreachable, match="does not exist"):
        connect(partner)


def test_a_folder_never_writes_outside_itself(tmp_path: Path) -> None:
    wire = folder(tmp_path)
    (tmp_path / "secret").write_bytes(b"stay")

    wire.driver.acknowledge(name="../secret")

    assert (tmp_path / "secret").read_bytes() == b"stay"


def test_a_half_written_file_is_not_found_and_not_collected(tmp_path: Path) -> None:
    wire = folder(tmp_path)
    (tmp_path / "out" / "000000003.part").write_bytes(b"ha")
    (tmp_path / "in" / "x.part").write_bytes(b"ha")

    assert wire.driver.find(control_number="000000003") is Found.NOT_RECEIVED
    assert wire.driver.find(control_number="000000004") is Found.CANNOT_TELL
    assert list(wire.driver.collect()) == []
