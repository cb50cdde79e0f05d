"""How two answers compare: equal, before or after, or not comparable at all."""

from datetime import datetime
from decimal import Decimal

from visitapp.forms.units import in_base_units
from visitapp.forms.values import Coding, PartialDate, PartialDateTime, Quantity, Reference, TimeOfDay, Value

_NUMBER = (int, Decimal)
_MOMENT = (PartialDate, PartialDateTime)


def is_equal(left: Value, right: Value) -> bool:
    """Whether two values mean the same: codes by system and code, numbers by amount, quantities in comparable units."""
    if isinstance(left, Coding) and isinstance(right, Coding):
        return left.means(right)
    if isinstance(left, Reference) and isinstance(right, Reference):
        return left.reference == right.reference
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    ordered = order(left, right)
    return ordered == 0 if ordered is not None else type(left) is type(right) and left == right


def order(left: Value, right: Value) -> int | None:
    """-1, 0 or 1, or None where the two can't be put in an order; dates to the precision both have."""
    if isinstance(left, bool) or isinstance(right, bool):
        return None
    if isinstance(left, _NUMBER) and isinstance(right, _NUMBER):
        return (left > right) - (left < right)
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return _order_quantities(left, right)
    return _order_spelled(left, right) if isinstance(left, str) and isinstance(right, str) else None


def _order_spelled(left: str, right: str) -> int | None:
    if isinstance(left, _MOMENT) and isinstance(right, _MOMENT):
        return _order_times(left, right)
    if type(left) is not type(right):
        return None
    return _order_text(*_shortened(left, right)) if isinstance(left, TimeOfDay) else _order_text(left, right)


def _order_quantities(left: Quantity, right: Quantity) -> int | None:
    if left.value is None or right.value is None:
        return None
    if (left.code, left.system) == (right.code, right.system) and (left.code or left.unit == right.unit):
        return (left.value > right.value) - (left.value < right.value)
    first, second = in_base_units(left), in_base_units(right)
    if first is None or second is None or first[1] != second[1]:
        return None
    return (first[0] > second[0]) - (first[0] < second[0])


def _order_times(left: str, right: str) -> int:
    if "T" in left and "T" in right:
        try:
            first, second = datetime.fromisoformat(left), datetime.fromisoformat(right)
        except ValueError:
            return _order_text(*_shortened(left, right))
        if (first.tzinfo is None) == (second.tzinfo is None):
            return (first > second) - (first < second)
    return _order_text(*_shortened(left, right))


def _shortened(left: str, right: str) -> tuple[str, str]:
    shared = min(len(left), len(right))
    return left[:shared], right[:shared]


def _order_text(left: str, right: str) -> int:
    return (left > right) - (left < right)
