"""The shared record and the project's own files."""

from clinic.celery import app as celery_app

__all__ = ["celery_app"]
