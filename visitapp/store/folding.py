"""Words as people search for them: case, accents and joined letters put aside, in every script, on both sides alike."""

import re
import unicodedata

_JOINED = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i",
        "ŋ": "n", "ħ": "h",
        "ŧ": "t", "ĸ": "k", "ſ": "s", "ƒ": "f", "'": "", "’": "", "ʼ": "", "‘": "", "ʻ": "", "`": "",
        "-": " ", "‐": " ", "‑": " ",
        "\u200c": "", "\u200d": "", "\u00ad": "", "ـ": "", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه",
    }
)  # fmt: skip


def fold(text: str) -> str:
    """Return the text in the one form that index and query share ("Łukasz O'Brien" gives "lukasz obrien")."""
    if text.isascii():
        return text.lower().replace("'", "").replace("`", "").replace("-", " ")
    joined = unicodedata.normalize("NFC", text).casefold().translate(_JOINED)
    parted = unicodedata.normalize("NFKD", joined)
    return "".join(letter for letter in parted if unicodedata.category(letter)[0] != "M").translate(_JOINED)


_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)} | {39: None, 96: None}
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Return the folded words of a text: runs of letters and digits, everything else parts them."""
    if text.isascii():
        return text.translate(_ASCII).split()
    return _WORD.findall(fold(text))


def spaced(text: str) -> str:
    """The folded words of a text with blanks around them, "" for none: what a word index takes, for a tenth of the price."""
    if text.isascii():
        return text.translate(_ASCII).strip()
    return " ".join(words(text))


def excerpt(text: str, sought: list[str], width: int = 120) -> str:
    """Cut about `width` letters out of a text around the first word that begins with one of the folded words sought."""
    flat = " ".join(text.split())
    at = 0
    place = 0
    for word in flat.split(" "):
        if any(found.startswith(tuple(sought)) for found in words(word)):
            at = place
            break
        place += len(word) + 1
    start = max(0, at - width // 3)
    if start:
        start = flat.find(" ", start) + 1
    end = start + width
    cut = flat[start:end].rsplit(" ", 1)[0] if end < len(flat) else flat[start:]
    return ("… " if start else "") + cut + (" …" if end < len(flat) else "")
