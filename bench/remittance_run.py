"""One 835 through the product's own doors, in a process of its own so that its memory is nobody else's.

    python -m bench.remittance_run BATCH CLAIMS    (on the database that TANDEM_DATABASE_NAME names)

Prints one JSON object: seconds for parse, match and post, and the peak of the process's memory.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path


def main(batch: int, text: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    import django

    django.setup()
    from django.db import connection

    from bench.practice import moment
    from billing.models import ClaimResponse, Remittance
    from billing.services.posting import post_due
    from billing.services.remittances import import_bytes
    from clinic import clock

    payload = text.read_bytes()
    connection.ensure_connection()
    with clock.at(moment()):
        begun = time.perf_counter()
        (verdict,) = import_bytes(payload=payload, name=f"bench-{batch}.835", by=None)
        imported = time.perf_counter() - begun
        post_due()
        taken = time.perf_counter() - begun
    row = Remittance.objects.get(pk=verdict.remittance.pk if verdict.remittance else None)
    posted = row.responses.filter(status=ClaimResponse.Status.POSTED).count()
    if row.status != Remittance.Status.POSTED or posted != verdict.claims:
        sys.exit(f"the check is {row.status}: {posted} of {verdict.claims} answers are posted. {row.error}")
    print(json.dumps({"seconds": taken, "import_seconds": imported, "claims": posted, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """The most memory this process has held. On Linux of this program alone, not of the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
