"""The post office's addresses. Ids only."""

from django.urls import path

from clearinghouse import views

app_name = "clearinghouse"

urlpatterns = [
    path("files/", views.files, name="files"),
    path("files/received/", views.received, name="received"),
    path("files/<uuid:delivery_id>/ask/", views.ask, name="ask"),
    path("files/<uuid:delivery_id>/confirm/", views.confirm, name="confirm"),
    path("files/<uuid:delivery_id>/send-again/", views.send_again, name="send_again"),
    path("files/received/<uuid:mail_id>/read-again/", views.read_again, name="read_again"),
]
