"""Who works here: the demo's people, and what a person may set for itself."""

from typing import Any

from django.db import transaction

from clinic import audit
from clinic.errors import ClinicError
from clinic.models import Role, User

DEMO_USERS: tuple[tuple[str, str, str, str], ...] = (
    ("fran", "Fran", "Ames", Role.FRONT_DESK),
    ("lena", "Lena", "Holt", Role.DESK_LEAD),
    ("dee", "Dee", "Okafor", Role.CLINICIAN),
    ("bill", "Bill", "Ortiz", Role.BILLER),
    ("cora", "Cora", "Lind", Role.COLLECTOR),
    ("mona", "Mona", "Reyes", Role.BILLING_MANAGER),
    ("adam", "Adam", "Frost", Role.ADMINISTRATOR),
    ("audrey", "Audrey", "Poole", Role.AUDITOR),
)
BACK_OFFICE = frozenset({Role.BILLER, Role.COLLECTOR, Role.BILLING_MANAGER, Role.ADMINISTRATOR, Role.AUDITOR})
"""Roles that may open the admin's lists; what they see there is asked act by act."""


@transaction.atomic
def ensure_demo_users() -> list[User]:
    """One person a role, without a usable password: they come in by the demo's buttons only. Safe to repeat."""
    people = []
    for username, first_name, last_name, role in DEMO_USERS:
        person, is_new = User.objects.get_or_create(
            username=username,
            defaults={
                "first_name": first_name,
                "last_name": last_name,
                "role": role,
                "is_demo": True,
                "is_staff": role in BACK_OFFICE,
            },
        )
        if is_new:
            person.set_unusable_password()
            person.save(update_fields=["password"])
        if person.is_demo:
            people.append(person)
    return people


@transaction.atomic
def change_own_settings(*, user: User, single_keys: bool) -> User:
    user.single_keys = single_keys
    user.save(update_fields=["single_keys", "updated_at"])
    audit.record(act="user.own_settings", by=user, row=user)
    return user


@transaction.atomic
def add_staff(*, fields: dict[str, Any], password: str, by: User | None) -> User:
    """A new person. Whoever opens the back office follows from the role."""
    person = User.objects.create_user(password=password, is_staff=fields["role"] in BACK_OFFICE, **fields)
    audit.record(act="user.added", by=by, row=person, detail={"role": person.role})
    return person


@transaction.atomic
def update_staff(*, user: User, fields: dict[str, Any], password: str = "", by: User) -> User:
    """Name, role, whether the sign-in works. A deactivated person is out with the next request."""
    role = fields.pop("role", user.role)
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.pk == by.pk and not fields.get("is_active", True):
        raise ClinicError("Nobody switches off his own sign-in. Ask another administrator.")
    for name, value in fields.items():
        setattr(row, name, value)
    if password:
        row.set_password(password)
    row.save()
    audit.record(act="user.changed", by=by, row=row, detail={"fields": sorted(fields), "password": bool(password)})
    return change_role(user=row, role=role, by=by) if role != row.role else row


@transaction.atomic
def change_role(*, user: User, role: str, by: User) -> User:
    """Another role from the next request on. Nobody raises himself."""
    if user.pk == by.pk:
        raise ClinicError("Nobody changes his own role. Ask another administrator.")
    before = user.role
    user.role = role
    user.is_staff = role in BACK_OFFICE
    user.save(update_fields=["role", "is_staff", "updated_at"])
    audit.record(act="user.role_changed", by=by, row=user, detail={"from": before, "to": role})
    return user
