"""An outside judge of the X12 we write: pyx12 with the guide maps that lie beside the repository.

`judge(text)` gives what pyx12 finds wrong, in its own words; an empty list is acceptance. Where
the maps or pyx12 are absent the calling test is skipped with the reason.
"""

import io
import logging
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest

OVERLAY = Path(__file__).resolve().parents[3] / "shared" / "x12" / "pyx12_maps"


@lru_cache(maxsize=1)
def map_folder() -> str:
    """pyx12's own maps with ours laid over them: the overlay alone is not a whole map folder."""
    pyx12 = pytest.importorskip("pyx12", reason="pyx12 is a development dependency")
    if not OVERLAY.is_dir():
        pytest.skip(f"the guide maps are absent: {OVERLAY.parent.parent.name}/x12/pyx12_maps")
    target = Path(tempfile.mkdtemp(prefix="pyx12-maps-"))
    for source in (Path(pyx12.__file__).parent / "map", OVERLAY):
        for file in source.iterdir():
            if file.is_file():
                shutil.copyfile(file, target / file.name)
    return str(target)


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


def judge(text: str) -> list[str]:
    """What pyx12 says against this file; [] when it accepts it."""
    folder = map_folder()
    import pyx12.params
    import pyx12.x12n_document

    settings = pyx12.params.params()
    settings.set("charset", "E")
    listener = _Listener()
    logger = logging.getLogger("pyx12")
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(listener)
    try:
        accepted = pyx12.x12n_document.x12n_document(settings, io.StringIO(text), None, None, map_path=folder)
    finally:
        logger.removeHandler(listener)
        logger.propagate = propagates
    if not accepted and not listener.found:
        return ["pyx12 refuses the file without a reason"]
    return [] if accepted else listener.found
