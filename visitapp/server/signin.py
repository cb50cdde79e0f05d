"""Who is asking: enrolment of a device by a one-use code, signed requests, and the server's own signature on receipts."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, Engine, text

from visitapp.protocol.messages import EnrolAsk, RekeyAsk
from visitapp.protocol.problems import Malformed
from visitapp.protocol.requests import CLOCK_WINDOW_MS, Mark, enrolment_text, from_base64, rekey_text, request_text
from visitapp.server.database import driver_of
from visitapp.server.ids import new_id
from visitapp.server.operations import states_for

_ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_CODE_LETTERS: Final = 12
CODE_HOURS: Final = 24


class Refused(Exception):
    """A request from someone who may not make it. `code` is the word on the wire, `status` the HTTP status."""

    def __init__(self, code: str, status: int = 401, retry_after_s: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.retry_after_s = retry_after_s
        self.order = ""
        """With "wipe": the signed order."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The user and the device behind a request that was signed as it should be."""

    user: str
    name: str
    role: str
    job_title: str
    team: str
    device: str
    leaving: bool = False
    """Whether an administrator has ordered the record off this device: then it hands in what is unsent and gets nothing."""


class ServerKey:
    """The key by which laptops know that a receipt is ours."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> str:
        """The public half, base64."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> str:
        """The signature, base64."""
        return base64.b64encode(self._key.sign(message)).decode()

    def signature(self, message: bytes) -> bytes:
        """The signature itself."""
        return self._key.sign(message)

    def derived(self, by: HKDF) -> bytes:
        """Another key that comes of this one alone, so that a backup of this one is enough."""
        return by.derive(self._key.private_bytes_raw())


def new_code() -> str:
    """A one-use enrolment code to be read out or typed: twelve letters and digits that cannot be mistaken, in threes."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LETTERS))
    return "-".join(letters[place : place + 4] for place in range(0, _CODE_LETTERS, 4))


def code_hash(code: str) -> bytes:
    """What is kept of a code. Case, spaces and dashes don't matter."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(b"visitapp-code|" + plain.encode()).digest()


def set_identity(connection: Connection, **values: str) -> None:
    """Tells row-level security who asks, until the transaction ends."""
    calls = ", ".join(f"set_config('visitapp.{name}', :{name}, true)" for name in values)
    connection.execute(text(f"select {calls}"), values)  # names come from our own call sites, values are bound


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A device that has just been enrolled."""

    caller: Caller
    team_name: str
    epoch: str


def enrol(engine: Engine, ask: EnrolAsk) -> Enrolment:
    """Spends a code on a device. Asked again with the same code and key while the code is valid, it answers the same device: the
    first answer may have been lost on its way.

    Raises Refused("code") for every code that isn't good, whatever is wrong with it.
    """
    key, signature = from_base64(ask.public_key), from_base64(ask.signature)
    if not _is_signed_by(key, signature, enrolment_text(ask.code, key)):
        raise Refused("signature")
    kept = code_hash(ask.code)
    with engine.begin() as connection:
        set_identity(connection, code=kept.hex())
        spent = connection.execute(
            text(
                "update enrolment set used_at = now() where code_hash = :kept and used_at is null and expires_at > now()"
                " returning user_id"
            ),
            {"kept": kept},
        ).first()
        user, device = (spent.user_id, new_id()) if spent else _enrolled_before(connection, kept, key)
        set_identity(connection, user=user, device=device)
        if spent:
            connection.execute(
                text("insert into device(id, user_id, public_key, state) values (:device, :user, :key, :state)"),
                {"device": device, "user": user, "key": key, "state": _first_state(connection)},
            )
        caller = _as_caller(driver_of(connection).execute(_MEMBER, (user,)).fetchone(), user, device)
        set_identity(connection, team=caller.team)
        return _enrolment(connection, caller)


def _enrolled_before(connection: Connection, kept: bytes, key: bytes) -> tuple[str, str]:
    """The user and the device on which this very code was spent, by whoever holds this very key. Raises Refused."""
    used = connection.execute(
        text("select user_id from enrolment where code_hash = :kept and used_at is not null and expires_at > now()"),
        {"kept": kept},
    ).first()
    if used is not None:
        set_identity(connection, user=used.user_id)
        team = connection.execute(text("select team from member where id = :user"), {"user": used.user_id}).scalar()
        set_identity(connection, team=team or "")
        named = {"user": used.user_id, "key": key}
        words = "select id from device where user_id = :user and public_key = :key and origin = '' order by enrolled_at limit 1"
        device = connection.execute(text(words), named).scalar()
        if device is not None:
            return str(used.user_id), str(device)
    raise Refused("code", 403)


def _first_state(connection: Connection) -> str:
    """Where the service wants new laptops approved, one waits until an administrator has compared its digits."""
    kept = connection.execute(text("select value from service_policy where name = 'approve_devices'")).scalar()
    return "pending" if kept == "on" else "active"


def _enrolment(connection: Connection, caller: Caller) -> Enrolment:
    named = connection.execute(
        text("select (select name from team where id = :team) as team, (select id from epoch) as epoch"),
        {"team": caller.team},
    ).one()
    return Enrolment(caller, named.team or "", named.epoch)


REKEYS_A_DAY: Final = 10


def rekey(engine: Engine, caller: Caller, ask: RekeyAsk) -> Enrolment:
    """A device id of its own for one of two laptops that use the same; the old id stays with the other one.

    Asked again with the same key, it answers the same id. Raises Refused.
    """
    key, signature = from_base64(ask.public_key), from_base64(ask.signature)
    if not _is_signed_by(key, signature, rekey_text(caller.device, key)):
        raise Refused("signature")
    with engine.begin() as connection:
        set_identity(connection, user=caller.user, team=caller.team, device=caller.device)
        made = connection.execute(
            text("select id, public_key, enrolled_at > now() - interval '1 day' as today from device where origin = :origin"),
            {"origin": caller.device},
        ).all()
        device = next((row.id for row in made if bytes(row.public_key) == key), "")
        if not device:
            if sum(row.today for row in made) >= REKEYS_A_DAY:
                raise Refused("busy", 429, 3600)
            device = new_id()
            set_identity(connection, device=device)
            connection.execute(
                text("insert into device(id, user_id, public_key, origin) values (:device, :user, :key, :origin)"),
                {"device": device, "user": caller.user, "key": key, "origin": caller.device},
            )
        return _enrolment(connection, replace(caller, device=device))


def sign_in(
    engine: Engine,
    mark: Mark,
    signature: bytes,
    text_signed: bytes,
    now_ms: int,
    counter: Callable[[], int] | None = None,
    *,
    operation: str,
) -> Caller:
    """The caller behind a signed request, each request once. Raises Refused.

    A device that is to be wiped, or is blocked, gets in only for an operation whose row says so.

    `counter` reads the request's number once the signature is proved; a number not above all earlier ones means that a copy of
    this laptop is about, and is refused with "rekey".
    """
    if abs(mark.at_ms - now_ms) > CLOCK_WINDOW_MS:
        raise Refused("clock")
    with engine.begin() as connection:
        driver = driver_of(connection)
        with driver.pipeline():
            driver.execute("select set_config('visitapp.device', %s, true)", (mark.device,))
            found = driver.execute(_DEVICE, (mark.device,), binary=True).fetchone()
        if found is None:
            raise Refused("unknown-device")
        user, key, state, _ = found
        if not _is_signed_by(key, signature, text_signed):
            raise Refused("signature")
        if state not in states_for(operation):
            raise Refused(state if state in ("wipe", "pending") else "blocked", 403)
        number = counter() if counter else None
        with driver.pipeline():
            fresh = driver.execute(_SPEND, (mark.device, mark.nonce, mark.at_ms))
            counted = driver.execute(_COUNT, (mark.device, number)) if number is not None else None
            member = driver.execute(_MEMBER, (user,))
            if secrets.randbelow(64) == 0:
                driver.execute(_FORGET, (mark.device, now_ms - 3 * CLOCK_WINDOW_MS))
        if fresh.rowcount != 1:
            raise Refused("replay")
        if counted is not None and counted.rowcount != 1:
            raise Refused("rekey", 409)
        return replace(_as_caller(member.fetchone(), user, mark.device), leaving=state == "wipe")


def caller_of(connection: Connection, user: str, device: str) -> Caller | None:
    """The user of a device where no request says so; None where the account is closed."""
    member = driver_of(connection).execute(_MEMBER, (user,)).fetchone()
    return _as_caller(member, user, device) if member is not None and member[4] else None


_DEVICE: Final = "select user_id, public_key, state, set_config('visitapp.user', user_id, true) from device where id = %s"
_SPEND: Final = "insert into nonce(device, nonce, at_ms) values (%s, %s, %s) on conflict do nothing"
_COUNT: Final = (
    "insert into counter(device, n, seen_at) values (%s, %s, now())"
    " on conflict (device) do update set n = excluded.n, seen_at = now() where counter.n < excluded.n"
)
_FORGET: Final = "delete from nonce where device = %s and at_ms < %s"
_MEMBER: Final = "select name, role, job_title, team, active from member where id = %s"


def _as_caller(member: tuple[Any, ...] | None, user: str, device: str) -> Caller:
    if member is None or not member[4]:
        raise Refused("blocked", 403)
    name, role, job_title, team, _ = member
    return Caller(user, name, role, job_title, team, device)


def _is_signed_by(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes(key)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_signed_by_key(key: str, message: bytes, signature: bytes) -> bool:
    """Whether the holder of a key signed a message; the key by its name, "ed25519:" and its public half in hexadecimal."""
    kind, _, public = key.partition(":")
    try:
        return kind == "ed25519" and _is_signed_by(bytes.fromhex(public), signature, message)
    except ValueError:
        return False


class Keyring:
    """The public keys of one user's devices, blocked ones and former ones included, read once."""

    def __init__(self, connection: Connection, user: str) -> None:
        found = connection.execute(text("select public_key from device where user_id = :user"), {"user": user})
        self._keys = tuple(bytes(key) for key in found.scalars())

    def has_signed(self, digest: str, signature: str) -> bool:
        """Whether one of them signed a content hash (hexadecimal); signature in base64."""
        try:
            proof = from_base64(signature)
        except Malformed:
            return False
        return any(_is_signed_by(key, proof, bytes.fromhex(digest)) for key in self._keys)


def is_signed_by_user(connection: Connection, user: str, digest: str, signature: str) -> bool:
    """Whether one of a user's devices, blocked ones included, signed a content hash (hexadecimal); signature in base64."""
    return Keyring(connection, user).has_signed(digest, signature)


def signed_text(method: str, path: str, body: bytes, mark: Mark) -> bytes:
    """The text a request's signature covers; a device id that is no id is refused here already."""
    try:
        UUID(mark.device)
    except ValueError:
        raise Malformed from None
    return request_text(method, path, body, mark)
