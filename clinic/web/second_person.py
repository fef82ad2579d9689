"""A second person signs at the same desk: user name and password, checked like a sign-in, without signing in."""

from django.contrib.auth import authenticate

from clinic.errors import ClinicError
from clinic.models import User
from clinic.web.permissions import SignedIn, can


def second_person(request: SignedIn, *, username: str, password: str, act: str) -> User:
    """Who signed. Wrong passwords count towards the lockout like those of a sign-in."""
    signer = authenticate(request, username=username, password=password)
    if not isinstance(signer, User):
        raise ClinicError("The second person's user name or password is not correct.", field="approver_password")
    if signer.pk == request.user.pk:
        raise ClinicError("The second person must be somebody else.", field="approver")
    if not can(signer, act):
        raise ClinicError("The role of the second person does not include this.", field="approver")
    return signer
