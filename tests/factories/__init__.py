"""Factories: rows for tests, with no surprises."""
