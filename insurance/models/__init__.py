"""What payers say of a patient's cover, and what they have authorised."""

from insurance.models.eligibility import Benefit, EligibilityCheck
from insurance.models.payer_route import PayerRoute
from insurance.models.prior_authorization import AuthorizationUse, PriorAuthorization

__all__ = ["AuthorizationUse", "Benefit", "EligibilityCheck", "PayerRoute", "PriorAuthorization"]
