"""connect(partner): the driver that the partner's row names."""

from collections.abc import Callable

from clearinghouse.drivers.folder import FolderDriver
from clearinghouse.interface import Clearinghouse
from clearinghouse.models import TradingPartner
from clearinghouse.simulator.driver import SimulatorDriver

DRIVERS: dict[str, Callable[[TradingPartner], Clearinghouse]] = {
    TradingPartner.Driver.SIMULATOR: SimulatorDriver,
    TradingPartner.Driver.FOLDER: FolderDriver,
}


def connect(partner: TradingPartner) -> Clearinghouse:
    return DRIVERS[partner.driver](partner)
