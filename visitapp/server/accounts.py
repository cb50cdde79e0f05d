"""Accounts for signing in with a browser: set up by a one-use code, then user name, password and second factor together."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, text

from visitapp.server import totp
from visitapp.server.admin.people import NotFound, NotPossible
from visitapp.server.limits import WrongTries
from visitapp.server.passwords import Passwords, why_refused
from visitapp.server.settings import Settings
from visitapp.server.signin import CODE_HOURS, code_hash, new_code, set_identity

WEB_ROLES: Final = ("administrator", "auditor")
"""Who has anything to do in a browser. Everyone else works on a laptop."""
TRIES: Final = 5
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")


class SignInRefused(Exception):
    """Name, password and code do not belong together, or the account is closed; which of it is not told."""


class TooOften(Exception):
    """So many wrong tries that the next one has to wait."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("wait")
        self.wait_s = wait_s


class CodeRefused(Exception):
    """A set-up code that is wrong, used or too old."""


class NotAccepted(Exception):
    """Something that was chosen or typed cannot be taken. `why` is a sentence for whoever typed it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose account it is."""

    user: str
    name: str
    role: str
    team: str
    login: str


def login_for(connection: Connection, name: str) -> str:
    """A user name made of someone's name that nobody has yet."""
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L")).encode("ascii", "ignore").decode()
    stem = ".".join(re.findall(r"[a-z0-9]+", plain.lower()))[:40] or "user"
    stem = stem if len(stem) > 2 else f"user.{stem}"
    taken = set(connection.execute(text("select login from account where login like :stem"), {"stem": f"{stem}%"}).scalars())
    return next(found for n in range(1, len(taken) + 3) if (found := stem if n == 1 else f"{stem}{n}") not in taken)


def give_account(connection: Connection, user: str, login: str = "", subject: str = "") -> str:
    """Makes an account for a member who has none, or changes its names; answers the user name. Raises NotFound, NotPossible."""
    member = connection.execute(text("select name, role from member where id = :user"), {"user": user}).first()
    if member is None:
        raise NotFound("user")
    if member.role not in WEB_ROLES:
        raise NotPossible(f"only an {' or an '.join(WEB_ROLES)} has an account for the web administration")
    there = connection.execute(text("select login from account where user_id = :user"), {"user": user}).scalar()
    chosen = login.strip().lower() or there or login_for(connection, member.name)
    if not _LOGIN.fullmatch(chosen):
        raise NotPossible("a user name has 3 to 64 small letters, digits, dots and dashes")
    if connection.execute(
        text("select 1 from account where login = :login and user_id <> :user"), {"login": chosen, "user": user}
    ).first():
        raise NotPossible("somebody else has this user name")
    values = {"user": user, "login": chosen, "subject": subject.strip()}
    if there is None:
        connection.execute(text("insert into account(user_id, login, subject) values (:user, :login, :subject)"), values)
    else:
        changed = "login = :login" + (", subject = :subject" if subject.strip() else "")
        connection.execute(text(f"update account set {changed} where user_id = :user"), values)  # noqa: S608 - our own words
    return str(chosen)


def give_setup_code(connection: Connection, user: str) -> str:
    """A one-use code with which the account's holder chooses password and second factor within a day.

    Whatever she had before is void at once, and her sessions are over. Raises NotFound.
    """
    end_sessions(connection, user, reset=True)
    code = new_code()
    connection.execute(
        text("insert into setup_code(code_hash, user_id, expires_at) values (:kept, :user, :expires)"),
        {"kept": code_hash(code), "user": user, "expires": datetime.now(UTC) + timedelta(hours=CODE_HOURS)},
    )
    return code


def end_sessions(connection: Connection, user: str, *, reset: bool = False) -> None:
    """Ends every session of an account; `reset` also makes its password and second factor void. Raises NotFound."""
    ended = (
        "update account set ended_at = clock_timestamp(),"
        " reset_at = case when :reset then clock_timestamp() else reset_at end where user_id = :user"
    )
    if connection.execute(text(ended), {"user": user, "reset": reset}).rowcount != 1:
        raise NotFound("account")


def practise(connection: Connection, key: bytes, user: str) -> str:
    """A password for a practice server, with the second factor that such a server shows on its own sign-in page."""
    password = "-".join(secrets.SystemRandom().sample(_PRACTICE_WORDS, 4))
    end_sessions(connection, user, reset=True)
    keep(connection, key, user, Passwords().kept(password), practice_secret(key), 0, ())
    return password


def practice_secret(key: bytes) -> str:
    """The second factor of every account made for practice: only a server started with --practice ever shows its code."""
    return totp.derived_secret(key, b"practice")


_PRACTICE_WORDS: Final = ("amber", "birch", "copper", "heron", "kettle", "lantern", "meadow", "pebble", "saffron")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What someone who sets up her account has to put into her authenticator app."""

    holder: Holder
    secret: str
    address: str
    picture: str


class Accounts:
    """Set-up and sign-in, as the serving role: the walls open to one account at a time, by a code or a user name."""

    def __init__(self, engine: Engine, settings: Settings, passwords: Passwords | None = None) -> None:
        self._engine = engine
        self._settings = settings
        self.passwords = passwords or Passwords()
        self._tries = WrongTries(TRIES)

    def begin_setup(self, code: str, place: str) -> Enrolment:
        """What belongs to a set-up code, which stays good. Raises CodeRefused, TooOften."""
        with self._counted(place), self._engine.begin() as connection:
            holder = self._holder_of(connection, code)
        secret = totp.derived_secret(self._settings.key, code_hash(code))
        address = totp.address_of(secret, holder.login)
        return Enrolment(holder, secret, address, totp.picture_of(address))

    def finish_setup(self, code: str, password: str, digits: str, place: str) -> tuple[str, ...]:
        """Spends a set-up code on a password and a second factor; answers the recovery codes, which nobody can see again.

        Raises CodeRefused, TooOften, NotAccepted.
        """
        enrolment = self.begin_setup(code, place)
        holder = enrolment.holder
        step = totp.matching_step(enrolment.secret, digits, self._now_s())
        if not step:
            raise NotAccepted(
                "These six digits are not the ones your app should show now. Check that your telephone's clock is right."
            )
        why = why_refused(password, holder.name, holder.login)
        if why:
            raise NotAccepted(why)
        kept = self.passwords.kept(password)
        codes = totp.recovery_codes()
        with self._engine.begin() as connection:
            set_identity(connection, code=code_hash(code).hex(), user=holder.user)
            used = "update setup_code set used_at = now() where code_hash = :kept and used_at is null and expires_at > now()"
            if connection.execute(text(used), {"kept": code_hash(code)}).rowcount != 1:
                raise CodeRefused
            keep(connection, self._settings.key, holder.user, kept, enrolment.secret, step, codes)
        return codes

    def sign_in(self, login: str, password: str, digits: str, place: str) -> Holder:
        """Whose account it is, the second factor spent. Raises SignInRefused, TooOften."""
        name = login.strip().lower()[:64]
        with self._counted(place, f"account {name}"):
            with self._engine.begin() as connection:
                set_identity(connection, login=name)
                found = _account(connection, "login = :name", {"name": name})
                held = _credential(connection, found) if found else None
            if not self.passwords.matches(held.password if held else "", password) or found is None:
                raise SignInRefused
            self.spend_second_factor(found.user, digits)
        return found

    def confirm(self, holder: Holder, digits: str, place: str) -> None:
        """Spends a fresh second factor of somebody who is signed in. Raises SignInRefused, TooOften."""
        with self._counted(place, f"account {holder.login}"):
            self.spend_second_factor(holder.user, digits)

    def spend_second_factor(self, user: str, digits: str) -> None:
        """Six digits that were not used before, or a recovery code. Raises SignInRefused."""
        with self._engine.begin() as connection:
            set_identity(connection, user=user)
            held = _credential(connection, user)
            if held is None or not self._spend(connection, user, held, digits):
                raise SignInRefused

    def _spend(self, connection: Connection, user: str, held: Any, digits: str) -> bool:
        secret = totp.opened(self._settings.key, user, bytes(held.totp))
        step = totp.matching_step(secret, digits, self._now_s()) if secret else 0
        if step:
            spent = "update credential set last_step = :step where user_id = :user and last_step < :step"
            return connection.execute(text(spent), {"step": step, "user": user}).rowcount == 1
        spent = (
            "update recovery_code set used_at = now()"
            " where user_id = :user and code_hash = :kept and used_at is null and made_at >= :since"
        )
        values = {"user": user, "kept": totp.recovery_hash(user, digits), "since": held.set_at}
        return connection.execute(text(spent), values).rowcount == 1

    def by_subject(self, subject: str) -> Holder:
        """Whose account it is that the organisation's sign-in calls by this subject. Raises SignInRefused."""
        with self._engine.begin() as connection:
            set_identity(connection, subject=subject)
            found = _account(connection, "subject = :subject and subject <> ''", {"subject": subject})
        if found is None:
            raise SignInRefused
        return found

    def _holder_of(self, connection: Connection, code: str) -> Holder:
        kept = code_hash(code)
        set_identity(connection, code=kept.hex())
        good = "select user_id from setup_code where code_hash = :kept and used_at is null and expires_at > now()"
        user = connection.execute(text(good), {"kept": kept}).scalar()
        if user is None:
            raise CodeRefused
        set_identity(connection, user=str(user))
        found = _account(connection, "user_id = :user", {"user": user})
        if found is None:
            raise CodeRefused
        return found

    def _now_s(self) -> int:
        return self._settings.clock_ms() // 1000

    def _counted(self, *keys: str) -> "_Counted":
        return _Counted(self._tries, keys)


class _Counted:
    """A try that counts as wrong from its beginning, so that many at once gain nothing, and is forgiven when it was right."""

    def __init__(self, tries: WrongTries, keys: Sequence[str]) -> None:
        self._tries = tries
        self._keys = keys

    def __enter__(self) -> None:
        wait_s = max(self._tries.wait_s(key) for key in self._keys)
        if wait_s:
            raise TooOften(wait_s)
        for key in self._keys:
            self._tries.note(key)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            for key in self._keys:
                self._tries.take_back(key)


def keep(connection: Connection, key: bytes, user: str, password: str, secret: str, step: int, codes: Sequence[str]) -> None:
    """Puts password, second factor and recovery codes in the place of what was there. `password` is what is kept of it."""
    values = {"user": user, "password": password, "totp": totp.sealed(key, user, secret), "step": step}
    moment = connection.execute(text("select clock_timestamp()")).scalar_one()
    connection.execute(
        text(
            "insert into credential(user_id, password, totp, last_step, set_at) values (:user, :password, :totp, :step, :at)"
            " on conflict (user_id) do update set password = excluded.password, totp = excluded.totp,"
            " last_step = excluded.last_step, set_at = excluded.set_at"
        ),
        {**values, "at": moment},
    )
    for code in codes:
        connection.execute(
            text("insert into recovery_code(user_id, code_hash, made_at) values (:user, :kept, :at)"),
            {"user": user, "kept": totp.recovery_hash(user, code), "at": moment},
        )


def _account(connection: Connection, condition: str, values: dict[str, Any]) -> Holder | None:
    row = connection.execute(text(f"select user_id, login from account where {condition}"), values).first()  # noqa: S608 - ours
    if row is None:
        return None
    set_identity(connection, user=row.user_id)
    member = connection.execute(
        text("select name, role, team from member where id = :user and active"), {"user": row.user_id}
    ).first()
    if member is None or member.role not in WEB_ROLES:
        return None
    return Holder(row.user_id, member.name, member.role, member.team, row.login)


def _credential(connection: Connection, holder: Holder | str) -> Any:
    """What is kept of password and second factor, unless an administrator made it void."""
    user = holder if isinstance(holder, str) else holder.user
    words = (
        "select c.password, c.totp, c.set_at from credential c join account a on a.user_id = c.user_id"
        " where c.user_id = :user and c.set_at > a.reset_at"
    )
    return connection.execute(text(words), {"user": user}).first()
