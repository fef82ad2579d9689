from django.apps import AppConfig


class CheckinConfig(AppConfig):
    name = "checkin"
    verbose_name = "Check-in"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The calendar shows what the desk knows of the day's patients; it asks whoever has registered."""
        from checkin.queries import flags_of  # models exist once the apps are ready
        from scheduling.queries import register_flags

        register_flags(flags_of)
