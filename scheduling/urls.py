"""The calendar's addresses. Ids and dates only: names are posted."""

from django.urls import path

from scheduling.views import appointments, booking, days, hours

app_name = "scheduling"

urlpatterns = [
    path("", days.day, name="day"),
    path("list/", days.day_list, name="day_list"),
    path("week/", days.week, name="week"),
    path("book/", booking.book, name="book"),
    path("book/find/", booking.book_find, name="book_find"),
    path("book/times/", booking.times, name="times"),
    path("appointments/<uuid:appointment_id>/", appointments.appointment, name="appointment"),
    path("appointments/<uuid:appointment_id>/changes/", appointments.appointment_changes, name="appointment_changes"),
    path("appointments/<uuid:appointment_id>/confirm/", appointments.confirm, name="confirm"),
    path("appointments/<uuid:appointment_id>/move/", booking.move, name="move"),
    path("appointments/<uuid:appointment_id>/cancel/", appointments.cancel, name="cancel"),
    path("appointments/<uuid:appointment_id>/no-show/", appointments.no_show, name="no_show"),
    path("appointments/<uuid:appointment_id>/correct/", appointments.correct, name="correct"),
    path("patients/<uuid:patient_id>/panel/", appointments.patient_panel, name="patient_panel"),
    path("hours/", hours.hours, name="hours"),
    path("hours/providers/<uuid:provider_id>/add/", hours.hours_add, name="hours_add"),
    path("hours/<uuid:schedule_id>/end/", hours.hours_end, name="hours_end"),
    path("hours/closures/add/", hours.closure_add, name="closure_add"),
    path("hours/closures/<uuid:closure_id>/remove/", hours.closure_remove, name="closure_remove"),
]
