"""When providers see patients, and who comes when."""

from scheduling.models.appointment import Appointment
from scheduling.models.change import AppointmentChange
from scheduling.models.schedule import AppointmentType, Closure, Schedule

__all__ = ["Appointment", "AppointmentChange", "AppointmentType", "Closure", "Schedule"]
