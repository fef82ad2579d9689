"""Our text in the basic character set that clearinghouses take: capitals, no accents, none of the separators."""

import unicodedata

SEPARATORS = str.maketrans(dict.fromkeys("*:~^|\n\r\t", " "))


def plain(text: str, longest: int = 60) -> str:
    """`Núñez` → `NUNEZ`. What has no letter of the basic set is dropped."""
    folded = unicodedata.normalize("NFKD", text.translate(SEPARATORS)).encode("ascii", "ignore").decode()
    return " ".join(folded.upper().split())[:longest].strip()


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
