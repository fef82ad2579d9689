"""Guide tables: which segments stand where in a transaction set, how often, and what their elements may hold.

    `rules`    the shapes of a table, and the short notation it is written in
    `element`  what an element may hold; one pattern judges a whole segment
    `walk`     a transaction set against its table, segment by segment

The tables stand with their sets (`x12/remittance_835/guide.py` …): public facts in our own notation, no text of a guide.
"""

from .element import Notation
from .rules import Guide, LoopRule, SegmentRule, guide, loop, seg
from .walk import Walk

__all__ = ["Guide", "LoopRule", "Notation", "SegmentRule", "Walk", "guide", "loop", "seg"]
