"""What the front end answers: 999 for the file."""

from datetime import datetime

from clearinghouse.simulator.book import Book
from clearinghouse.simulator.traders import Trader
from x12.ack_999 import GROUP_KIND, VERSION, acknowledge_file, write_acknowledgment
from x12.claim_837p import read_batch


def acknowledge(book: Book, trader: Trader, payload: bytes, *, due_at: datetime) -> None:
    """One 999 for each group: accepted, or rejected with the segment at fault, and then nothing in it goes further."""
    for _, acknowledgment in acknowledge_file(payload, read_batch):
        transaction = write_acknowledgment(acknowledgment, control_number="0001")
        trader.put_out(book, [transaction], kind=GROUP_KIND, version=VERSION, stem="999", due_at=due_at)
