"""SQL as the record speaks it: statements, rows whose columns have names, and one connection to the file.

Decision: the driver is spoken to directly, not through SQLAlchemy (which makes and migrates the tables). An exchange that finds
nothing asks a dozen questions, and a screen asks some more: preparing each of them cost ten times what answering it did, and the
program that only reads and writes a record is 27 MB smaller without the library.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol

import sqlcipher3.dbapi2 as cipher


class Statement:
    """Words of SQL with named places, kept as a constant."""

    __slots__ = ("text",)

    def __init__(self, words: str) -> None:
        self.text = words


text = Statement
"""`text("SELECT ... WHERE id = :id")`: what every statement of this package is made with."""


class Words(Protocol):
    """Anything that holds the words of a statement."""

    @property
    def text(self) -> str:
        """The words."""


Values = Mapping[str, Any] | Sequence[Any]


class Row(tuple[Any, ...]):
    """One row: by place like a tuple, by column like a record."""

    __slots__ = ()
    _fields: tuple[str, ...] = ()

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


_SHAPES: dict[tuple[str, ...], type[Row]] = {}


def _shape(names: tuple[str, ...]) -> type[Row]:
    shape = _SHAPES.get(names)
    if shape is None:
        places = {name: property(itemgetter(place)) for place, name in reversed(tuple(enumerate(names)))}
        shape = _SHAPES[names] = type("Row", (Row,), {**places, "__slots__": (), "_fields": names})
    return shape


class Result:
    """What a statement answers, read once."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def _rows(self) -> type[Row]:
        return _shape(tuple(column[0] for column in self._cursor.description))

    def __iter__(self) -> Iterator[Row]:
        return map(self._rows(), self._cursor) if self._cursor.description else iter(())

    def all(self) -> list[Row]:
        """Every row."""
        return list(map(self._rows(), self._cursor.fetchall())) if self._cursor.description else []

    def first(self) -> Row | None:
        """The first row or None; nothing more can be read."""
        found = self._cursor.fetchone()
        row = None if found is None else self._rows()(found)
        self._cursor.close()
        return row

    def scalar_one(self) -> Any:
        """The first value of the first row, which there must be."""
        row = self.first()
        assert row is not None
        return row[0]


class Connection:
    """One keyed connection; a transaction at a time, one thread at a time."""

    __slots__ = ("in_bulk", "raw")

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.in_bulk = False

    def execute(self, statement: Words, values: Values | list[dict[str, Any]] = ()) -> Result:
        """Carry a statement out; once for each of a list of values."""
        return self.exec_driver_sql(statement.text, values)

    def exec_driver_sql(self, words: str, values: Values | list[dict[str, Any]] = ()) -> Result:
        """Carry out plain words. Raises what the driver raises, with the words' beginning as a note; no value is ever in it."""
        try:
            if isinstance(values, list):
                return Result(self.raw.executemany(words, values))
            return Result(self.raw.execute(words, values))
        except cipher.Error as error:
            error.add_note(words[:80])
            raise

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[None]:
        """All that is done inside lands together, or nothing does."""
        self.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        try:
            yield
            self.raw.commit()
        except BaseException:
            # The engine itself ends a transaction that a full disk cut off.
            if self.raw.in_transaction:
                self.raw.rollback()
            raise
