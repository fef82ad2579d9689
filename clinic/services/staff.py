"""Who works here: the demo's people, and what a person may set for itself."""

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
