"""The verbs of collections: age, bill, take installments, advance and refer."""
