"""Reading a PDF back as text, with poppler's pdftotext, as another program would."""

import subprocess

import pikepdf

_DIRECTION_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e"), " ")


def words_of(pdf: bytes, *, page: int | None = None) -> str:
    """The text of `pdf` (or of one page, counted from 1), with every stretch of white space as one space."""
    pages = [] if page is None else ["-f", str(page), "-l", str(page)]
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", *pages, "-", "-"], input=pdf, capture_output=True, check=True)
    # pdftotext says where the direction turns with marks of its own, and puts them where a space was.
    return " ".join(done.stdout.decode().translate(_DIRECTION_MARKS).split())


def letters_of(text: str) -> str:
    """`text` without white space, and without what a reader takes from the end of a line: its hyphen."""
    return "".join(text.translate(_DIRECTION_MARKS).split()).replace("-", "")


def page_count(pdf: bytes) -> int:
    with pikepdf.open(_stream(pdf)) as document:
        return len(document.pages)


def names_in(pdf: bytes) -> set[str]:
    """Every dictionary key and name in the PDF's objects, for looking for what must not be there."""
    found: set[str] = set()
    with pikepdf.open(_stream(pdf)) as document:
        for thing in document.objects:
            _collect(thing, found)
    return found


def _collect(thing: object, found: set[str]) -> None:
    if isinstance(thing, pikepdf.Name):
        found.add(str(thing))
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        for key in thing.keys():  # noqa: SIM118 - a stream is no mapping
            found.add(key)
            value = thing[key]
            if not (isinstance(value, pikepdf.Object) and value.is_indirect):
                _collect(value, found)
    elif isinstance(thing, pikepdf.Array):
        for item in thing:
            if not (isinstance(item, pikepdf.Object) and item.is_indirect):
                _collect(item, found)


def _stream(pdf: bytes) -> "object":
    from io import BytesIO

    return BytesIO(pdf)
