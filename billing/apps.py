from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from billing.queries.ledger_check import charges_stand_once
        from billing.queries.work import claims_to_make, claims_to_send
        from clinic.web.work import register_queue
        from ledger import checks

        register_queue("Visits waiting for their claim", claims_to_make)
        register_queue("Claims to send", claims_to_send)
        checks.register("charges stand in the books once", charges_stand_once)
