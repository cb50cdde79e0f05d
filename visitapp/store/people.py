"""The caseload: families, the people in them, and what a list of families has to show."""

import json
from collections.abc import Iterable
from typing import Any

from visitapp.store.reading import Reading, at, day, number, string
from visitapp.store.rows import AlertRow, FamilyRow, PersonRow
from visitapp.store.sql import Row, text

_ONE = "WHERE {} = :family"

# {where} is empty for the whole caseload; each statement is one pass over a narrow index.
_FAMILIES = (
    "SELECT f.*, c.role, c.seq, c.head, c.lost, c.at_ms FROM family f LEFT JOIN cursor c ON c.scope = 'f:' || f.id {where} "
    "ORDER BY f.fold, f.id"
)
_PEOPLE = "SELECT * FROM person {where} ORDER BY family, ord, id"
_VISITS = (
    "SELECT family, count(*) AS many, max(started_ms) AS last, max(CASE WHEN outcome = 'completed' THEN started_ms END) "
    "AS completed, max(CASE WHEN babies_seen IN ('awake', 'asleep') THEN started_ms END) AS seen, "
    "max(CASE WHEN babies_seen = 'awake' THEN started_ms END) AS awake, sum(state = 'returned') AS returned "
    "FROM visit {where} GROUP BY family"
)
_LATEST = (
    "SELECT v.family, v.phase, v.flags FROM visit v JOIN "
    "(SELECT family, max(started_ms) AS last FROM visit WHERE state <> 'in_error' {where} GROUP BY family) m "
    "ON v.family = m.family AND v.started_ms = m.last"
)
_DRAFTS = "SELECT family, count(*) AS many, min(started_ms) AS since FROM draft {where} GROUP BY family"
_BEGUN = (
    "SELECT b.family, count(*) AS many FROM begun b WHERE b.closed = 0 {where} "
    "AND NOT EXISTS (SELECT 1 FROM visit v WHERE v.id = b.visit) GROUP BY b.family"
)
_REFERRALS = "SELECT family, count(*) AS many FROM referral WHERE state IN ('proposed', 'sent', 'accepted') {where} GROUP BY family"
_NEXT = (
    "SELECT family, min(due_on) AS due FROM plan_item WHERE kind = 'next_visit' AND done_on = '' AND due_on <> '' {where} "
    "GROUP BY family"
)
_UNSENT = (
    "SELECT family, sum(state IN ('waiting', 'sent') OR code = 'group') AS unsent, "
    "sum(state IN ('conflict', 'gone', 'frozen', 'denied', 'parked') AND code <> 'group') AS attention "
    "FROM outbox WHERE family <> '' {where} GROUP BY family"
)


def _pair(statement: str, column: str, joined: bool = False) -> tuple[Any, Any]:
    """The statement for the whole caseload and the one for a single family."""
    condition = f"AND {column} = :family" if joined else _ONE.format(column)
    return text(statement.format(where="")), text(statement.format(where=condition))


_Q_FAMILIES = _pair(_FAMILIES, "f.id")
_Q_PEOPLE = _pair(_PEOPLE, "family")
_Q_VISITS = _pair(_VISITS.replace("{where}", "WHERE state <> 'in_error' {where}"), "family", joined=True)
_Q_LATEST = _pair(_LATEST, "family", joined=True)
_Q_DRAFTS = _pair(_DRAFTS, "family")
_Q_BEGUN = _pair(_BEGUN, "b.family", joined=True)
_Q_REFERRALS = _pair(_REFERRALS, "family", joined=True)
_Q_NEXT = _pair(_NEXT, "family", joined=True)
_Q_UNSENT = _pair(_UNSENT, "family", joined=True)


class _Asked:
    """The partial answers for one family or for all, keyed by family."""

    def __init__(self, r: Reading, only: str = "") -> None:
        self._r, self._only = r, only
        self.people: dict[str, list[PersonRow]] = {}
        for row in self._rows(_Q_PEOPLE):
            self.people.setdefault(row.family, []).append(person_row(row))
        self.visits = self._by_family(_Q_VISITS)
        self.latest = self._by_family(_Q_LATEST)
        self.drafts = self._by_family(_Q_DRAFTS)
        self.begun = self._by_family(_Q_BEGUN)
        self.referrals = self._by_family(_Q_REFERRALS)
        self.next = self._by_family(_Q_NEXT)
        self.unsent = self._by_family(_Q_UNSENT)

    def _rows(self, statements: tuple[Any, Any]) -> Iterable[Row]:
        return self._r.all(statements[1], family=self._only) if self._only else self._r.all(statements[0])

    def _by_family(self, statements: tuple[Any, Any]) -> dict[str, Row]:
        return {row.family: row for row in self._rows(statements)}

    def families(self) -> tuple[FamilyRow, ...]:
        return tuple(self._family(row) for row in self._rows(_Q_FAMILIES))

    def _family(self, row: Row) -> FamilyRow:
        visits, latest, drafts = self.visits.get(row.id), self.latest.get(row.id), self.drafts.get(row.id)
        unsent, due = self.unsent.get(row.id), self.next.get(row.id)
        waiting, attention = (unsent.unsent, unsent.attention) if unsent else (0, 0)
        # A family that was begun here has no cursor yet; it is not "arriving" from anywhere.
        arriving = row.role is not None and (row.at_ms is None or row.seq < row.head)
        return FamilyRow(
            id=row.id,
            name=row.name,
            state=row.state,
            state_on=day(row.state_on),
            enrolled_on=day(row.enrolled_on),
            line=row.line,
            town=row.town,
            postcode=row.postcode,
            phone=row.phone,
            safe_contact=row.safe_contact,
            nurse=row.nurse,
            nurse_name=row.nurse_name,
            programmes=tuple(json.loads(row.programmes)),
            alerts=_alerts(row.alerts),
            interpreter_needed=bool(row.interpreter),
            language=row.language,
            gp=row.gp,
            people=tuple(self.people.get(row.id, ())),
            visit_count=visits.many if visits else 0,
            last_visit_at=at(visits.last if visits else None),
            last_completed_at=at(visits.completed if visits else None),
            last_seen_at=at(visits.seen if visits else None),
            last_awake_at=at(visits.awake if visits else None),
            last_phase=latest.phase if latest else "",
            flags=tuple(json.loads(latest.flags)) if latest else (),
            returned=visits.returned if visits else 0,
            drafts=drafts.many if drafts else 0,
            unsigned_since=at(drafts.since if drafts else None),
            begun=_many(self.begun.get(row.id)),
            open_referrals=_many(self.referrals.get(row.id)),
            next_visit_on=day(due.due if due else None),
            unsent=waiting,
            attention=attention,
            role=row.role or "",
            leaving=bool(row.lost),
            sync="attention" if attention else "waiting" if waiting else "arriving" if arriving else "received",
        )


def _many(row: Row | None) -> int:
    return int(row.many) if row else 0


def families(r: Reading) -> tuple[FamilyRow, ...]:
    """Every family on this laptop, in order of name, with its people and all that a line of the caseload shows."""
    return _Asked(r).families()


def family(r: Reading, id: str) -> FamilyRow | None:  # noqa: A002
    """One family, or None when it is not on this laptop."""
    found = _Asked(r, id).families()
    return found[0] if found else None


def people(r: Reading, family_id: str) -> tuple[PersonRow, ...]:
    """The people of a family in their order."""
    return tuple(person_row(row) for row in r.all(_Q_PEOPLE[1], family=family_id))


_BY_NHS = text("SELECT * FROM person WHERE nhs_number = :digits AND nhs_number <> '' ORDER BY id")


def people_by_nhs_number(r: Reading, digits: str) -> tuple[PersonRow, ...]:
    """Everybody on this laptop with an NHS number (ten digits); more than one is a likely duplicate."""
    return tuple(person_row(row) for row in r.all(_BY_NHS, digits=digits))


_FAMILY_BODY = text("SELECT id FROM family WHERE id = :family")


def has_family(r: Reading, id: str) -> bool:  # noqa: A002
    """Whether the family is on this laptop."""
    return r.one(_FAMILY_BODY, family=id) is not None


_HELD_SCOPE = text("SELECT 1 FROM cursor WHERE scope = :scope AND role <> '' AND lost = 0")


def holds_restricted(r: Reading, family_id: str) -> bool:
    """Whether the service has granted this user the family's restricted scope."""
    return r.one(_HELD_SCOPE, scope=f"r:{family_id}") is not None


def person_row(row: Row) -> PersonRow:
    """A person's columns as a frozen row."""
    return PersonRow(
        id=row.id,
        family=row.family,
        role=row.role,
        given_name=row.given_name,
        family_name=row.family_name,
        known_as=row.known_as,
        pronouns=row.pronouns,
        born_on=day(row.born_on),
        due_on=day(row.due_on),
        died_on=day(row.died_on),
        gestation_days=row.gestation_days,
        nhs_number=row.nhs_number,
        sex=row.sex,
        phone=row.phone,
        language=row.language,
        parental_responsibility=bool(row.parental_responsibility),
        lives_here=bool(row.lives_here),
        colour=row.colour,
        twin_of=row.twin_of,
        order=row.ord,
        note=row.note,
    )


def _alerts(stored: str) -> tuple[AlertRow, ...]:
    return tuple(
        AlertRow(
            code=string(alert, "code"),
            text=string(alert, "text"),
            risk=string(alert, "risk"),
            source=string(alert, "source"),
            review_on=day(string(alert, "review_on")),
            end_on=day(string(alert, "end_on")),
            restricted=bool(number(alert, "restricted")) or alert.get("restricted") is True,
        )
        for alert in json.loads(stored)
    )
