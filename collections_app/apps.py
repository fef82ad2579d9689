from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    name = "collections_app"
    verbose_name = "Patient collections"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clinic.web.work import register_queue
        from collections_app.checks import agency_money_has_its_case, plan_money_has_its_plan
        from collections_app.queries.queues import charges_state, lockbox_state
        from ledger.checks import register

        register("plan money has its plan", plan_money_has_its_plan)
        register("agency money has its case", agency_money_has_its_case)
        register_queue("Installments to charge", charges_state)
        register_queue("Lockbox files to read", lockbox_state)
