"""Django's admin with our site in the place of its own (settings.INSTALLED_APPS names this instead of it)."""

from django.contrib.admin.apps import AdminConfig


class OfficeAdminConfig(AdminConfig):
    default_site = "clinic.web.admin_site.OfficeAdminSite"
