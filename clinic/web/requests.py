"""The request of a view behind `@may`: somebody has signed in."""

from django.http import HttpRequest

from clinic.models import User


class StaffRequest(HttpRequest):
    """What `@may` lets through (a device has no access to acts that change something). `once_key`: see clinic.web.once."""

    user: User
    once_key: str
