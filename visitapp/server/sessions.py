"""Sessions in a browser: a secret in a cookie, its hash in the database, over when idle, at the day's end, or by any change."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from visitapp.server.accounts import WEB_ROLES, Holder
from visitapp.server.signin import set_identity

IDLE_MIN: Final = 15
LONGEST_H: Final = 12
FRESH_MIN: Final = 5
"""For how long a second factor counts as fresh, for what cannot be undone."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in."""

    holder: Holder
    via: str
    is_fresh: bool
    token: str

    def form_token(self) -> str:
        """What each form of this session carries, so that no other site can send one."""
        return form_token(self.token)


def form_token(token: str) -> str:
    """What a form carries, made of the secret in the cookie without telling it."""
    return hmac.digest(token.encode(), b"visitapp-form", "sha256").hex()


def _kept(token: str) -> bytes:
    return hashlib.sha256(b"visitapp-session|" + token.encode()).digest()


def open_session(connection: Connection, holder: Holder, via: str) -> str:
    """A new session right after the second factor; answers the secret for the cookie."""
    token = secrets.token_urlsafe(32)
    set_identity(connection, user=holder.user, session=_kept(token).hex())
    connection.execute(
        text("insert into web_session(token_hash, user_id, role, via, stepped_at) values (:kept, :user, :role, :via, now())"),
        {"kept": _kept(token), "user": holder.user, "role": holder.role, "via": via},
    )
    return token


_ALIVE: Final = f"""
select user_id, role, via, made_at, coalesce(stepped_at > now() - interval '{FRESH_MIN} minutes', false) as fresh
from web_session where token_hash = :kept and ended_at is null
and seen_at > now() - interval '{IDLE_MIN} minutes' and made_at > now() - interval '{LONGEST_H} hours'
"""  # noqa: S608 - our own numbers
_STILL: Final = """
select m.name, m.role, m.team, a.login from member m join account a on a.user_id = m.id
where m.id = :user and m.active and a.ended_at < :made
"""


def read_session(connection: Connection, token: str) -> Session | None:
    """The session behind a cookie, seen now; tells row-level security who asks. None when it is over, for whatever reason."""
    kept = _kept(token)
    set_identity(connection, session=kept.hex(), user="", team="", device="")
    found = connection.execute(text(_ALIVE), {"kept": kept}).first()
    if found is None:
        return None
    set_identity(connection, user=found.user_id)
    still = connection.execute(text(_STILL), {"user": found.user_id, "made": found.made_at}).first()
    if still is None or still.role != found.role or still.role not in WEB_ROLES:
        set_identity(connection, session="", user="")
        return None
    connection.execute(text("update web_session set seen_at = now() where token_hash = :kept"), {"kept": kept})
    holder = Holder(found.user_id, still.name, still.role, still.team, still.login)
    return Session(holder, found.via, found.fresh, token)


def mark_fresh(connection: Connection, token: str) -> None:
    """Notes that the second factor was shown again just now."""
    connection.execute(text("update web_session set stepped_at = now() where token_hash = :kept"), {"kept": _kept(token)})


def end_others(connection: Connection, session: Session) -> None:
    """Ends every other session of the same account."""
    words = "update web_session set ended_at = now() where user_id = :user and token_hash <> :kept and ended_at is null"
    connection.execute(text(words), {"user": session.holder.user, "kept": _kept(session.token)})


def end_session(connection: Connection, token: str) -> None:
    """Ends one session for good."""
    set_identity(connection, session=_kept(token).hex())
    connection.execute(text("update web_session set ended_at = now() where token_hash = :kept"), {"kept": _kept(token)})
