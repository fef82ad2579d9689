"""Code tables of the trade: the codes, and what they mean in our own short words.

Any part of the clinic may read them. X12 holds rights in its wording, so none of it is here;
a practice that wants the official texts imports them. A code that is missing from a table is no
fault: payers are ahead of every list, and callers show the bare code.
"""
