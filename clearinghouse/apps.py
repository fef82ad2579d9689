from django.apps import AppConfig


class ClearinghouseConfig(AppConfig):
    name = "clearinghouse"
    verbose_name = "Clearinghouse"
    default_auto_field = "django.db.models.BigAutoField"
