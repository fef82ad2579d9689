"""Doing a thing once: idempotency keys with their replies, and one run per job and local date."""

from django.db import models

from clinic import clock
from clinic.models.base import Record


class OnceToken(Record):
    """A key that a form or an API client sent with a booking or money act, and what we answered.

    The same key with the same body gets the same answer; with another body it is refused (422).
    4xx answers are not kept: the person corrects the form and sends it again.
    """

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=100)
    body_sha256 = models.CharField(max_length=64)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    reply = models.JSONField(null=True, blank=True)
    location = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="once_token_key")]

    def __str__(self) -> str:
        return f"{self.scope}: {self.key}"


class JobRun(Record):
    """One run of a nightly job for one local date: it catches up after days off, in order, and never twice."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    job = models.CharField(max_length=80)
    for_date = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=1)
    result = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "for_date"], name="job_once_a_date")]

    def __str__(self) -> str:
        return f"{self.job} for {self.for_date}"


class Tick(models.Model):
    """The last time the clock (beat) knocked at each task: the page Work and /readyz read it."""

    task = models.CharField(max_length=80, primary_key=True)
    ticked_at = models.DateTimeField()
    error = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.task
