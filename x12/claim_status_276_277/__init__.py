"""Claim status, 276 question and 277 answer (005010X212): where is our claim? Judged by `x12.check`."""
