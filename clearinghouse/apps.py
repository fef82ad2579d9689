from django.apps import AppConfig


class ClearinghouseConfig(AppConfig):
    name = "clearinghouse"
    verbose_name = "Clearinghouse"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clearinghouse import queries
        from clearinghouse.services import exchange
        from clinic.web.work import register_queue

        register_queue("Files to payers", queries.outbox_state, exchange.try_again)
        register_queue("Files from payers", queries.mail_state, exchange.read_again_by_id)
