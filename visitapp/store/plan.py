"""What was agreed and what was measured: plan items, referrals, measurements."""

from visitapp.store.reading import Reading, day, string
from visitapp.store.rows import MeasurementRow, PlanRow, ReferralRow
from visitapp.store.sql import Row, text

_PLAN = "SELECT i.*, coalesce(f.name, '') AS family_name FROM plan_item i LEFT JOIN family f ON f.id = i.family "
_OF_FAMILY = text(_PLAN + "WHERE i.family = :family ORDER BY i.done_on <> '', i.due_on = '', i.due_on, i.id")
_NEXT_VISITS = text(
    _PLAN + "WHERE i.kind = 'next_visit' AND i.done_on = '' AND i.due_on >= :since AND i.due_on < :until ORDER BY "
    "i.due_on, i.at, i.id"
)
_OPEN_TASKS = text(_PLAN + "WHERE i.kind <> 'next_visit' AND i.done_on = '' AND i.due_on <> '' ORDER BY i.due_on, i.id")
_REFERRALS = text("SELECT * FROM referral WHERE :family = '' OR family = :family ORDER BY state_on DESC, id")
_MEASURES = text(
    "SELECT m.* FROM measurement m WHERE m.person = :person AND (:code = '' OR m.code = :code) "
    "AND NOT EXISTS (SELECT 1 FROM measurement n WHERE n.person = m.person AND n.replaces = m.id) "
    "AND NOT EXISTS (SELECT 1 FROM visit v WHERE v.id = m.visit AND v.state = 'in_error') ORDER BY m.taken_on, m.id"
)


def plan_items(r: Reading, family: str) -> tuple[PlanRow, ...]:
    """A family's goals, tasks and next visits: open ones first, by date."""
    return tuple(_item(row) for row in r.all(_OF_FAMILY, family=family))


def next_visits(r: Reading, since: str, until: str) -> tuple[PlanRow, ...]:
    """Visits planned for the days from `since` up to but not including `until` (ISO dates), of all families."""
    return tuple(_item(row) for row in r.all(_NEXT_VISITS, since=since, until=until))


def open_tasks(r: Reading) -> tuple[PlanRow, ...]:
    """Every dated goal or task that is not done, the earliest first."""
    return tuple(_item(row) for row in r.all(_OPEN_TASKS))


def referrals(r: Reading, family: str = "") -> tuple[ReferralRow, ...]:
    """The referrals of a family, or of all, newest first."""
    found = []
    for row in r.all(_REFERRALS, family=family):
        body = r.body(f"f:{row.family}", row.id) or {}
        found.append(
            ReferralRow(row.id, row.family, row.person, row.recipient, string(body, "reason"), row.state, day(row.state_on))
        )
    return tuple(found)


def measurements(r: Reading, person: str, code: str = "") -> tuple[MeasurementRow, ...]:
    """A child's measurements by date; those replaced by a later one or taken at a struck visit are left out."""
    return tuple(
        MeasurementRow(row.id, row.family, row.person, row.visit, row.code, _value(row.value), row.unit, day(row.taken_on))
        for row in r.all(_MEASURES, person=person, code=code)
    )


def _value(stored: str) -> float:
    try:
        return float(stored)
    except ValueError:
        return float("nan")


def _item(row: Row) -> PlanRow:
    return PlanRow(
        row.id,
        row.family,
        row.family_name,
        row.kind,
        row.what,
        row.who,
        day(row.due_on),
        row.at,
        day(row.done_on),
        bool(row.agreed),
        row.from_visit,
    )
