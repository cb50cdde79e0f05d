"""Families on their way to this laptop, and families that are leaving it."""

from dataclasses import dataclass

from visitapp.store.reading import Reading
from visitapp.store.sql import text

_ARRIVING = text(
    "SELECT substr(c.scope, 3) AS family, c.at_ms IS NOT NULL AND c.seq >= c.head AS here, c.at_ms IS NULL AS new, "
    "coalesce(f.name, '') AS name FROM cursor c LEFT JOIN family f ON f.id = substr(c.scope, 3) "
    "WHERE c.scope LIKE 'f:%' AND c.lost = 0 AND c.role <> '' ORDER BY name, c.scope"
)


@dataclass(frozen=True)
class Arriving:
    """One family of the caseload: whether all of it is on this laptop; `is_new` if nothing has come yet, not even the name."""

    family: str
    name: str
    is_here: bool
    is_new: bool = False


def arriving(r: Reading) -> tuple[Arriving, ...]:
    """Every family of the caseload with how far it has come, in order of name; those without a name are still to come."""
    return tuple(Arriving(row.family, row.name, bool(row.here), bool(row.new)) for row in r.all(_ARRIVING))
