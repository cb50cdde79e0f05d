"""What administrators see of people, laptops, families and sync: names of colleagues, numbers and dates, nothing clinical."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

from visitapp.protocol.codec import read_json
from visitapp.server.admin.people import record_id

_NOW: Final = "a.from_at <= now() and coalesce(a.until_at, 'infinity') > now()"
_QUIET: Final = "interval '3 days'"
_LONG_QUIET: Final = "interval '10 days'"
"""A lease to work offline lasts fourteen days as a rule; the laptop warns on the tenth."""

Rows = Sequence[Mapping[str, Any]]


def _rows(connection: Connection, words: str, **values: Any) -> Rows:
    return [dict(row._mapping) for row in connection.execute(text(words), values)]


_PEOPLE: Final = f"""
select m.id, m.name, m.role, m.job_title, m.active, m.team, t.name as team_name, coalesce(ac.login, '') as login,
  coalesce(ac.subject, '') as subject,
  (select count(*) from device d where d.user_id = m.id and d.state = 'active') as laptops,
  (select count(distinct a.scope) from assignment a where a.user_id = m.id and a.role = 'nurse' and {_NOW}) as families
from member m join team t on t.id = m.team left join account ac on ac.user_id = m.id
"""  # noqa: S608 - constants only


def people(connection: Connection) -> Rows:
    """Everybody, those with an open account first, by name."""
    return _rows(connection, _PEOPLE + " order by not m.active, m.name, m.id")


def person(connection: Connection, user: str) -> Mapping[str, Any] | None:
    """One of them."""
    return next(iter(_rows(connection, _PEOPLE + " where m.id = :user", user=user)), None)


def teams(connection: Connection) -> Rows:
    """The teams with how many work and how many families are in each."""
    words = """
select t.id, t.name, (select count(*) from member m where m.team = t.id and m.active) as people,
  (select count(*) from scope s where s.team = t.id and s.id like 'f:%') as families from team t order by t.name, t.id
"""
    return _rows(connection, words)


_FAMILIES: Final = f"""
select substr(s.id, 3) as id, coalesce(l.name, '') as name, s.team, t.name as team_name, s.n as records,
  coalesce((select string_agg(distinct m.name, ', ') from assignment a join member m on m.id = a.user_id
    where a.scope = s.id and a.role = 'nurse' and {_NOW}), '') as nurses,
  (select min(a.from_at) from assignment a where a.scope = s.id) as since
from scope s left join team t on t.id = s.team left join family_label l on l.scope = s.id
"""  # noqa: S608 - constants only

_HERS: Final = f"""
and exists (select 1 from assignment a where a.scope = s.id and a.user_id = :nurse and a.role = 'nurse' and {_NOW})
"""  # noqa: S608 - constants only


def families(connection: Connection, nurse: str = "") -> Rows:
    """Every family, or those of one nurse; those without a nurse first."""
    words = _FAMILIES + " where s.id like 'f:%'" + (_HERS if nurse else "")
    found = _rows(connection, words, **({"nurse": nurse} if nurse else {}))
    return sorted(found, key=lambda row: (row["nurses"] != "", str(row["team_name"]), _folded(row["name"]), row["id"]))


def _folded(name: str) -> str:
    """A name as it is sorted: accents and capitals do not matter."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(letter))


def family(connection: Connection, id_: str) -> Mapping[str, Any] | None:
    """One of them."""
    return next(iter(_rows(connection, _FAMILIES + " where s.id = 'f:' || :id", id=id_)), None)


def grants(connection: Connection, family_id: str) -> Rows:
    """Who has or had a family, newest first."""
    words = f"""
select a.n, a.user_id, m.name, a.role, a.from_at, a.until_at, {_NOW} as present, a.from_at > now() as future
from assignment a join member m on m.id = a.user_id where a.scope = 'f:' || :id order by a.from_at desc, a.n desc
"""  # noqa: S608 - constants only
    return _rows(connection, words, id=family_id)


_DEVICES: Final = """
select d.id, d.user_id, m.name, d.state, d.enrolled_at, d.origin, d.public_key, c.seen_at
from device d join member m on m.id = d.user_id left join counter c on c.device = d.id
"""


def devices(connection: Connection, user: str = "") -> Rows:
    """Every laptop, those that wait for somebody first, or those of one person."""
    order = " order by array_position(array['pending', 'wipe', 'active', 'blocked'], d.state), m.name, d.enrolled_at"
    return _rows(connection, _DEVICES + (" where d.user_id = :user" if user else "") + order, **({"user": user} if user else {}))


def device(connection: Connection, id_: str) -> Mapping[str, Any] | None:
    """One of them."""
    return next(iter(_rows(connection, _DEVICES + " where d.id = :id", id=id_)), None)


_HEALTH: Final = f"""
select m.id, m.name, m.role, t.name as team_name,
  (select count(*) from device d where d.user_id = m.id and d.state = 'active') as laptops,
  (select count(*) from device d where d.user_id = m.id and d.state = 'pending') as waiting,
  (select max(c.seen_at) from device d join counter c on c.device = d.id where d.user_id = m.id) as seen_at,
  (select count(distinct a.scope) from assignment a where a.user_id = m.id and a.role = 'nurse' and {_NOW}) as families,
  (select count(*) from held h where h.user_id = m.id) as held
from member m join team t on t.id = m.team where m.active and m.role in ('nurse', 'supervisor', 'safeguarding')
"""  # noqa: S608 - constants only

_GRADED: Final = f"""
select h.*, case
  when h.laptops = 0 and h.families > 0 then 'no-laptop'
  when h.laptops > 0 and h.seen_at is null then 'never'
  when h.laptops > 0 and h.seen_at < now() - {_LONG_QUIET} then 'long-quiet'
  when h.laptops > 0 and h.seen_at < now() - {_QUIET} then 'quiet'
  when h.held > 0 then 'held'
  when h.waiting > 0 then 'waiting'
  when h.laptops = 0 then 'new'
  else 'well' end as risk
from ({_HEALTH}) h
"""  # noqa: S608 - constants only
RISKS: Final = ("no-laptop", "long-quiet", "never", "quiet", "held", "waiting", "new", "well")
"""From the one that needs somebody most."""


def _unsent(connection: Connection) -> dict[str, int]:
    """How many changes were on each person's laptops only when they were last in touch; where she has a supervisor who is told."""
    names = _rows(connection, "select id, team, role from member where active")
    scopes = [f"u:{row['id']}" for row in names if row["role"] == "supervisor"]
    ids = {record_id(f"sync health {row['id']}"): row["id"] for row in names}
    words = text("select id, body from rec where scope = any(:scopes) and id = any(:ids) and kind = 'sync_health' and not del")
    found = {}
    for row in connection.execute(words, {"scopes": scopes, "ids": list(ids)}):
        told = read_json(bytes(row.body)).get("unsent")
        if isinstance(told, int):
            found[ids[row.id]] = told
    return found


def health(connection: Connection) -> Rows:
    """Whose work may not be where it should be, the greatest risk first; the server knows contacts, not what is on a laptop."""
    unsent = _unsent(connection)
    found = [{**row, "unsent": unsent.get(row["id"])} for row in _rows(connection, _GRADED)]
    return sorted(found, key=lambda row: (RISKS.index(row["risk"]), -row["families"], row["name"]))


def questionnaires(connection: Connection) -> Rows:
    """What is published for everybody, with when and by which key."""
    words = "select body, to_timestamp(recv_ms / 1000.0) as at from rec where scope = 'g:' and kind = 'questionnaire' and not del"
    found = []
    for row in connection.execute(text(words)):
        body = read_json(bytes(row.body))
        told = {name: str(body.get(name, "")) for name in ("url", "version", "title")}
        found.append({**told, "key": str(body.get("signature", {}).get("key", "")), "at": row.at})
    return sorted(found, key=lambda each: (each["title"], each["url"], each["version"]))


POLICIES: Final[Mapping[str, tuple[str, ...]]] = {"approve_devices": ("off", "on"), "family_names": ("off", "on")}


def policies(connection: Connection) -> dict[str, str]:
    """The service's settings; what was never set is off."""
    kept = {row["name"]: row["value"] for row in _rows(connection, "select name, value from service_policy")}
    return {name: kept.get(name, choices[0]) for name, choices in POLICIES.items()}


def set_policy(connection: Connection, name: str, value: str, by: str = "") -> None:
    """Changes one of them. Raises ValueError for what is no setting."""
    if value not in POLICIES.get(name, ()):
        raise ValueError(name)
    connection.execute(
        text(
            "insert into service_policy(name, value, by_user) values (:name, :value, :by)"
            " on conflict (name) do update set value = excluded.value, by_user = excluded.by_user, at = now()"
        ),
        {"name": name, "value": value, "by": by},
    )
