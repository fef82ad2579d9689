"""Trading partners to set up; transmissions and deliveries to look at, never to change."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from clearinghouse.models import Delivery, TradingPartner, Transmission
from clinic.web.admin_site import OfficeAdmin


@admin.register(TradingPartner)
class TradingPartnerAdmin(OfficeAdmin):
    view_act = change_act = add_act = "admin.reference"
    list_display = ("name", "driver", "sender_id", "receiver_id", "is_test", "is_active")
    fields = (
        "name", "driver", "is_active", "is_test", ("sender_qualifier", "sender_id"),
        ("receiver_qualifier", "receiver_id"), ("group_sender_id", "group_receiver_id"), "config",
    )  # fmt: skip


@admin.register(Transmission)
class TransmissionAdmin(OfficeAdmin):
    """The contents are people's health data and stay out of the back office."""

    view_act = "remittance.view"
    list_display = ("created_at", "direction", "kind", "partner", "control_number", "name", "size")
    list_filter = ("direction", "kind", "partner")
    list_select_related = ("partner",)
    search_fields = ("control_number", "sha256", "name")
    fields = (
        "created_at",
        "direction",
        "kind",
        "partner",
        "control_number",
        "name",
        "size",
        "sha256",
        "key",
        "answers",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Transmission]":
        found: QuerySet[Transmission] = super().get_queryset(request).defer("payload")
        return found


@admin.register(Delivery)
class DeliveryAdmin(OfficeAdmin):
    view_act = "work.view"
    list_display = ("created_at", "status", "file", "tries", "due_at", "sent_at", "error")
    list_filter = ("status",)
    list_select_related = ("transmission__partner",)
    fields = ("file", "status", "tries", "due_at", "claimed_until", "sent_at", "error")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Delivery]":
        found: QuerySet[Delivery] = super().get_queryset(request).defer("transmission__payload")
        return found

    @admin.display(description="file")
    def file(self, delivery: Delivery) -> Any:
        return delivery.transmission
