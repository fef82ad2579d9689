"""The front desk's addresses. Ids only."""

from django.urls import path

from checkin.views import desk, flow, kiosk, panels

app_name = "checkin"

urlpatterns = [
    path("", flow.board, name="board"),
    path("board/", flow.board_part, name="board_part"),
    path("appointments/<uuid:appointment_id>/", desk.desk, name="desk"),
    path("appointments/<uuid:appointment_id>/arrive/", desk.arrival, name="arrive"),
    path("appointments/<uuid:appointment_id>/due/", desk.due_part, name="due_part"),
    path("appointments/<uuid:appointment_id>/panel/", panels.appointment_panel, name="appointment_panel"),
    path("appointments/<uuid:appointment_id>/act/", panels.appointment_act, name="appointment_act"),
    path("visits/<uuid:visit_id>/", desk.visit, name="visit"),
    path("visits/<uuid:visit_id>/undo/", desk.undo, name="undo"),
    path("visits/<uuid:visit_id>/receipt/", desk.receipt, name="receipt"),
    path("visits/<uuid:visit_id>/stage/", flow.stage, name="stage"),
    path("visits/<uuid:visit_id>/check-out/", flow.departure, name="departure"),
    path("visits/<uuid:visit_id>/check-out/undo/", flow.departure_undo, name="departure_undo"),
    path("visits/<uuid:visit_id>/left/", flow.left, name="left"),
    path("patients/<uuid:patient_id>/panel/", panels.patient_panel, name="patient_panel"),
    path("locations/<uuid:location_id>/<str:day>/panel/", panels.day_panel, name="day_panel"),
    path("home/", panels.home_panel, name="home_panel"),
    path("kiosk/", kiosk.kiosk, name="kiosk"),
    path("kiosk/<uuid:visit_id>/", kiosk.kiosk_sign, name="kiosk_sign"),
]
