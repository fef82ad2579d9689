"""Payers that need no account: for demo, training and tests.

They speak X12 only, keep their own book outside the practice's database, and decide by plain rules over what
stands in that book. No dice: a claim is denied because something in the world is so.
"""
