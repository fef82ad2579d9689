"""Who works here: users and their roles. What a role may do is one table in clinic/web/permissions.py."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.base_session import BaseSessionManager
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import OuterRef, Subquery

from clinic import clock
from clinic.models.base import Record


class Role(models.TextChoices):
    FRONT_DESK = "front_desk", "Front desk"
    DESK_LEAD = "desk_lead", "Front desk lead"
    CLINICIAN = "clinician", "Clinician"
    BILLER = "biller", "Biller"
    COLLECTOR = "collector", "Collector"
    BILLING_MANAGER = "billing_manager", "Billing manager"
    ADMINISTRATOR = "administrator", "Administrator"
    AUDITOR = "auditor", "Auditor"


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: object) -> "User":
        fields.setdefault("role", Role.ADMINISTRATOR)
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin, Record):
    """A person who signs in. One id a person; a device or an API client is never a user."""

    username = models.CharField(max_length=60, unique=True)
    first_name = models.CharField(max_length=60, blank=True)
    last_name = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=30, choices=Role.choices, default=Role.FRONT_DESK)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may open the back office", default=False)
    is_demo = models.BooleanField("demo sign-in, refused in production", default=False)
    provider = models.ForeignKey(
        "clinic.Provider", null=True, blank=True, on_delete=models.PROTECT, related_name="users"
    )
    single_keys = models.BooleanField("single-key shortcuts", default=True)
    date_joined = models.DateTimeField(default=clock.now)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = []

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.username

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.first_name or self.username

    @property
    def initials(self) -> str:
        return "".join(part[0] for part in self.full_name.split()[:2]).upper()


class SessionActivity(models.Model):
    """When a session last did something a person did; polls do not count. Written at most once a minute."""

    session_key = models.CharField(max_length=40, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField()
    last_act_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} since {self.started_at:%H:%M}"


class WatchedSessionManager(BaseSessionManager["WatchedSession"]):
    def get_queryset(self) -> models.QuerySet["WatchedSession"]:
        activity = SessionActivity.objects.filter(session_key=OuterRef("session_key"))
        return (
            super()
            .get_queryset()
            .annotate(
                started_at=Subquery(activity.values("started_at")), last_act_at=Subquery(activity.values("last_act_at"))
            )
        )


class WatchedSession(Session):
    """A session with its activity beside it: every page asks for both."""

    objects = WatchedSessionManager()  # type: ignore[misc]

    class Meta:
        proxy = True
