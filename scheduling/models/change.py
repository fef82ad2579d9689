"""Field history of appointments; clinic.models.change says how it is kept."""

from clinic.models.change import changes_of_model
from scheduling.models.appointment import Appointment


class AppointmentChange(changes_of_model(Appointment)):  # type: ignore[misc]
    """An appointment as it stood on the calendar before."""
