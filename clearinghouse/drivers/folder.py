"""Files in folders: the clearinghouse's own program (or a person) carries them on and brings the answers.

`config`: {"outbound": "/path", "inbound": "/path"}. A file appears under its final name only when it is whole:
it is written beside, synced, then renamed.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from clearinghouse.interface import Found, InboundFile, Unreachable
from clearinghouse.models import TradingPartner

PARTIAL = ".part"


class FolderDriver:
    def __init__(self, partner: TradingPartner) -> None:
        self._outbound = self._folder(partner, "outbound")
        self._inbound = self._folder(partner, "inbound")

    def send(self, *, control_number: str, name: str, payload: bytes) -> None:
        final = self._outbound / f"{control_number}.x12"
        partial = final.with_suffix(PARTIAL)
        try:
            with partial.open("wb") as file:
                file.write(payload)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(final)
        except OSError as error:
            raise Unreachable(f"The outbound folder cannot be written: {error.strerror}.") from error

    def find(self, *, control_number: str) -> Found:
        """A missing file was never written, or was already carried on and removed: only its carrier knows."""
        try:
            if (self._outbound / f"{control_number}.x12").exists():
                return Found.RECEIVED
            if (self._outbound / "taken" / f"{control_number}.x12").exists():
                return Found.RECEIVED
            if (self._outbound / f"{control_number}{PARTIAL}").exists():
                return Found.NOT_RECEIVED
        except OSError as error:
            raise Unreachable(f"The outbound folder cannot be read: {error.strerror}.") from error
        return Found.CANNOT_TELL

    def collect(self) -> Iterator[InboundFile]:
        try:
            waiting = sorted(path for path in self._inbound.iterdir() if path.is_file() and path.suffix != PARTIAL)
            for path in waiting:
                yield InboundFile(name=path.name, payload=path.read_bytes())
        except OSError as error:
            raise Unreachable(f"The inbound folder cannot be read: {error.strerror}.") from error

    def acknowledge(self, *, name: str) -> None:
        """Keep it under read/; nothing that came in is deleted here."""
        kept = self._inbound / "read"
        try:
            kept.mkdir(exist_ok=True)
            (self._inbound / Path(name).name).rename(kept / Path(name).name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unreachable(f"The inbound folder cannot be written: {error.strerror}.") from error

    def inquire(self, *, control_number: str, payload: bytes) -> bytes:
        raise Unreachable("This connection carries files only. Ask the payer by telephone or on its portal.")

    @staticmethod
    def _folder(partner: TradingPartner, which: str) -> Path:
        named = partner.config.get(which)
        folder = Path(str(named)) if named else None
        if folder is None or not folder.is_dir():
            raise Unreachable(
                f"The {which} folder of {partner.name} does not exist. Correct it in the partner's setup."
            )
        return folder
