"""Eligibility, 270 question and 271 answer (005010X279A1): is this person covered on that day, and for what?"""

from .model import Asked, Benefit, Delivery, Inquiry, OtherPayer, Person, PlanDate, Rejection, Response, Trace
from .read import (
    read_each_inquiry,
    read_each_response,
    read_inquiries,
    read_inquiry_set,
    read_response_set,
    read_responses,
)
from .write import INQUIRY_GROUP_KIND, RESPONSE_GROUP_KIND, VERSION, write_inquiry, write_response

__all__ = [
    "INQUIRY_GROUP_KIND",
    "RESPONSE_GROUP_KIND",
    "VERSION",
    "Asked",
    "Benefit",
    "Delivery",
    "Inquiry",
    "OtherPayer",
    "Person",
    "PlanDate",
    "Rejection",
    "Response",
    "Trace",
    "read_each_inquiry",
    "read_each_response",
    "read_inquiries",
    "read_inquiry_set",
    "read_response_set",
    "read_responses",
    "write_inquiry",
    "write_response",
]
