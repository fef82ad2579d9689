"""The settings as they are, and the address of the floor: what the web processes of a benchmark run with."""

from clinic.settings import *  # noqa: F403

ROOT_URLCONF = "bench.server_urls"
