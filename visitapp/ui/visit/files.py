"""How much the files of one visit may weigh together: a draft travels whole, and what travels has a bound; no Qt."""

from collections.abc import Iterable, Sequence

from visitapp.forms.values import Attachment, Value
from visitapp.ui.checklist.questions.attached_size import MOST_BYTES
from visitapp.ui.visit.sheets import OpenSheet

TOO_MANY = (
    f"This file was not taken: the files of one visit may have {MOST_BYTES // 1000} KB together. Everything else is safe."
    " Choose a smaller picture, or keep the file where your service keeps files and say here where it is."
)


def are_too_many(sheets: Iterable[OpenSheet], sheet: OpenSheet, place: str, values: Sequence[Value]) -> bool:
    """Whether an answer with a file would make the files of a visit more than can travel."""
    new = sum(map(_bytes, values))
    if not new:
        return False
    there = sum(
        _bytes(value)
        for each in sheets
        for row in each.rows()
        if row.item.type == "attachment" and not (each is sheet and row.place == place)
        for value in row.values
    )
    return there + new > MOST_BYTES


def _bytes(value: Value) -> int:
    # Base64 has four characters for three bytes.
    return len(value.data or "") * 3 // 4 if isinstance(value, Attachment) else 0
