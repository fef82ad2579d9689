from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from billing.queries.ledger_check import charges_stand_once
        from billing.queries.remittance_check import (
            checks_posted_whole,
            checks_stand_in_the_books,
            denied_lines_owned,
        )
        from billing.queries.work import claims_to_make, claims_to_send, denials_to_look_at, remittances_to_post
        from billing.services.posting import try_again
        from clinic.web.work import register_queue
        from ledger import checks

        register_queue("Visits waiting for their claim", claims_to_make)
        register_queue("Claims to send", claims_to_send)
        register_queue("Remittances to post", remittances_to_post, try_again)
        register_queue("Denials to look at", denials_to_look_at)
        checks.register("charges stand in the books once", charges_stand_once)
        checks.register("posted checks are posted whole", checks_posted_whole)
        checks.register("posted checks stand in the books", checks_stand_in_the_books)
        checks.register("every denied line has an owner", denied_lines_owned)
