"""Insurance's words and X12's: the only place here that speaks X12."""
