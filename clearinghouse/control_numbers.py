"""Interchange and group numbers, drawn under the partner's row lock and made into envelope headers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from clearinghouse.models import ControlNumber, TradingPartner
from clinic import clock
from x12 import Group, Interchange, TransactionSet, write_interchange

LAST_NUMBER = 999_999_999


@dataclass(frozen=True)
class ControlNumbers:
    """What a writer needs for its envelope. `created_at` is the practice's wall clock: X12 carries no zone."""

    interchange: str  # ISA13, nine digits
    group: str  # GS06
    created_at: datetime
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    group_sender: str
    group_receiver: str
    usage: str
    partner_name: str

    def interchange_header(self, *, acknowledgment_requested: bool = False) -> Interchange:
        return Interchange(
            sender_qualifier=self.sender_qualifier,
            sender=self.sender,
            receiver_qualifier=self.receiver_qualifier,
            receiver=self.receiver,
            control_number=self.interchange,
            created_at=self.created_at,
            usage=self.usage,
            acknowledgment_requested=acknowledgment_requested,
        )

    def group_header(self, *, kind: str, version: str) -> Group:
        """`kind` is GS01 (HC for 837, HS for 270), `version` GS08."""
        return Group(
            kind=kind,
            sender=self.group_sender,
            receiver=self.group_receiver,
            control_number=self.group,
            created_at=self.created_at,
            version=version,
        )

    def envelope(self, transactions: Sequence[TransactionSet], *, kind: str, version: str) -> bytes:
        """The whole file: one interchange, one group."""
        group = (self.group_header(kind=kind, version=version), list(transactions))
        return write_interchange(self.interchange_header(), [group]).encode("ascii")


def draw(partner: TradingPartner) -> ControlNumbers:
    """The next numbers; inside the caller's transaction, so that a rollback leaves no gap."""
    ControlNumber.objects.get_or_create(partner=partner)
    last = ControlNumber.objects.select_for_update().get(partner=partner)
    last.interchange = last.interchange % LAST_NUMBER + 1
    last.group = last.group % LAST_NUMBER + 1
    last.save(update_fields=["interchange", "group"])
    return ControlNumbers(
        interchange=f"{last.interchange:09d}",
        group=str(last.group),
        created_at=clock.local(clock.now()).replace(tzinfo=None),
        sender_qualifier=partner.sender_qualifier,
        sender=partner.sender_id,
        receiver_qualifier=partner.receiver_qualifier,
        receiver=partner.receiver_id,
        group_sender=partner.group_sender_id or partner.sender_id,
        group_receiver=partner.group_receiver_id or partner.receiver_id,
        usage="T" if partner.is_test else "P",
        partner_name=partner.name,
    )
