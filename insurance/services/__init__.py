"""The writers of coverage, eligibility and prior authorization."""
