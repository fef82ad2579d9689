"""The calendar's reference data in the back office. Hours and closures are changed on their own page, under the locks."""

from django.contrib import admin

from clinic.web.admin_site import OfficeAdmin
from scheduling.models import Appointment, AppointmentType, Closure, Schedule


@admin.register(AppointmentType)
class AppointmentTypeAdmin(OfficeAdmin):
    view_act = "schedule.edit"
    change_act = "schedule.edit"
    add_act = "schedule.edit"
    list_display = ["name", "minutes", "service_type", "is_active"]


@admin.register(Schedule)
class ScheduleAdmin(OfficeAdmin):
    view_act = "schedule.edit"
    list_display = ["provider", "location", "weekday", "opens_at", "closes_at", "starts_on", "ends_on"]
    list_filter = ["location", "weekday"]
    list_select_related = ["provider", "location"]


@admin.register(Closure)
class ClosureAdmin(OfficeAdmin):
    view_act = "schedule.edit"
    list_display = ["kind", "title", "provider", "location", "starts_on", "ends_on"]
    list_filter = ["kind", "location"]
    list_select_related = ["provider", "location"]


@admin.register(Appointment)
class AppointmentAdmin(OfficeAdmin):
    """Read-only: appointments are written by scheduling.services.booking."""

    view_act = "appointment.view"
    patient_path = "patient_id"
    list_display = ["start", "patient", "provider", "appointment_type", "status"]
    list_filter = ["status", "location"]
    list_select_related = ["patient", "provider", "appointment_type"]
    date_hierarchy = "start"
