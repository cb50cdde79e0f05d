"""SQL as the record speaks it: SQLAlchemy's statements and rows, and its connection to the encrypted file.

Decision: every statement goes through SQLAlchemy Core, which pools the connections, begins and ends the transactions and names the
columns; a list of values goes to the driver in one call. It costs some 15 microseconds a statement and 27 MB of memory beside the
bare driver. A connection wrapper of our own would save both, and would be one more thing to be right about.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import sqlalchemy
from sqlalchemy import CursorResult, TextClause, text

__all__ = ["Connection", "Row", "Statement", "Values", "Words", "text"]

Row = sqlalchemy.Row[Any]
"""One row: by place like a tuple, by column like a record."""

Statement = TextClause
"""Words of SQL with named places, kept as a constant."""


class Words(Protocol):
    """Anything that holds the words of a statement."""

    @property
    def text(self) -> str:
        """The words."""


Values = Mapping[str, Any] | Sequence[Any]


class Connection:
    """One keyed connection out of the pool; a transaction at a time, one thread at a time."""

    __slots__ = ("_lent", "raw")

    def __init__(self, lent: sqlalchemy.Connection) -> None:
        self._lent = lent
        self.raw: Any = lent.connection.driver_connection

    @property
    def info(self) -> dict[Any, Any]:
        """What is remembered of the connection to the file for as long as that lasts."""
        return self._lent.info

    def execute(self, statement: Words, values: Values | list[dict[str, Any]] | list[tuple[Any, ...]] = ()) -> CursorResult[Any]:
        """Carry a statement out; once for each of a list of values."""
        # As plain words: the driver knows named places itself, and compiling what needs none costs as much again.
        return self.exec_driver_sql(statement.text, values)

    def exec_driver_sql(self, words: str, values: Values | list[dict[str, Any]] | list[tuple[Any, ...]] = ()) -> CursorResult[Any]:
        """Carry out plain words. Raises SQLAlchemy's errors, with the words and no value in them."""
        if isinstance(values, list | Mapping):
            return self._lent.exec_driver_sql(words, values)
        return self._lent.exec_driver_sql(words, tuple(values))

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[None]:
        """All that is done inside lands together, or nothing does."""
        self._lent.execution_options(writes=writes)
        with self._lent.begin():
            yield
