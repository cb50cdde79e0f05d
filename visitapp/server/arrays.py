"""Arrays as PostgreSQL takes them in binary, made in one go: the driver's own way, value by value, was a third of a push."""

from collections.abc import Sequence
from struct import Struct, pack
from typing import ClassVar, Final

from psycopg import adapters
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD: Final = Struct("!iiIii")
_NOTHING: Final = Struct("!iiI")
_LENGTH: Final = Struct("!i").pack


class Array:
    """One parameter that is an array; `element` is PostgreSQL's number of the type of its elements."""

    __slots__ = ("data",)
    element: ClassVar[int]

    def __init__(self, count: int, parts: bytes) -> None:
        # One dimension that begins at 1; no dimension at all for nothing.
        self.data = _HEAD.pack(1, 0, self.element, count, 1) + parts if count else _NOTHING.pack(0, 0, self.element)


class Blobs(Array):
    """bytea[]"""

    __slots__ = ()
    element = 17

    def __init__(self, values: Sequence[bytes]) -> None:
        super().__init__(len(values), _with_lengths(values))


class Texts(Array):
    """text[]"""

    __slots__ = ()
    element = 25

    def __init__(self, values: Sequence[str]) -> None:
        super().__init__(len(values), _with_lengths([value.encode() for value in values]))


class Bigints(Array):
    """bigint[]"""

    __slots__ = ()
    element = 20

    def __init__(self, values: Sequence[int]) -> None:
        super().__init__(len(values), pack("!" + "iq" * len(values), *_each_after(8, values)))


class Ints(Array):
    """int[]"""

    __slots__ = ()
    element = 23

    def __init__(self, values: Sequence[int]) -> None:
        super().__init__(len(values), pack("!" + "ii" * len(values), *_each_after(4, values)))


class Flags(Array):
    """bool[]"""

    __slots__ = ()
    element = 16

    def __init__(self, values: Sequence[bool]) -> None:
        super().__init__(len(values), pack("!" + "i?" * len(values), *_each_after(1, values)))


def _with_lengths(values: Sequence[bytes]) -> bytes:
    parts = [b""] * (2 * len(values))
    parts[0::2] = map(_LENGTH, map(len, values))
    parts[1::2] = values
    return b"".join(parts)


def _each_after(length: int, values: Sequence[int]) -> list[int]:
    parts = [length] * (2 * len(values))
    parts[1::2] = values
    return parts


class _Dumper(Dumper):
    """Gives the driver the bytes as they are."""

    format = Format.BINARY

    def dump(self, obj: Array) -> Buffer:
        return obj.data


class _Blobs(_Dumper):
    oid = 1001


class _Texts(_Dumper):
    oid = 1009


class _Bigints(_Dumper):
    oid = 1016


class _Ints(_Dumper):
    oid = 1007


class _Flags(_Dumper):
    oid = 1000


for _kind, _dumper in ((Blobs, _Blobs), (Texts, _Texts), (Bigints, _Bigints), (Ints, _Ints), (Flags, _Flags)):
    adapters.register_dumper(_kind, _dumper)
