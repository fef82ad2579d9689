"""`manage.py check --deploy` as a production server would see it, with values made up on the spot."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

production = {
    "TANDEM_MODE": "production",
    "TANDEM_SECRET_KEY": secrets.token_urlsafe(64),
    "TANDEM_FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "TANDEM_FIELD_HMAC_KEY": secrets.token_urlsafe(48),
    "TANDEM_HOSTS": "clinic.example",
    "DATABASE_URL": "postgresql://clinic@db.example/clinic",
    "CELERY_BROKER_URL": "redis://broker.example:6379/0",
}

if __name__ == "__main__":
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("TANDEM_", "DJANGO_"))}
    sys.exit(
        subprocess.call(
            [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            env={**clean, **production},
            cwd=ROOT,
        )
    )
