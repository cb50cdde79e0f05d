"""Connecting a record to a service by a one-use code, and the client that talks to that service afterwards."""

import base64

from visitapp import __version__
from visitapp.actions.session import Desk, Profile, begin_record
from visitapp.domain.bodies import dump, load
from visitapp.domain.clock import Clock
from visitapp.domain.ids import DeviceId, TeamId, UserId
from visitapp.domain.problems import PracticeAndServiceMixed, SomebodyElsesCode
from visitapp.domain.review import UserRole
from visitapp.protocol.messages import Enrolled
from visitapp.store.record import Record
from visitapp.store.writing import Writing
from visitapp.sync.client import Client, Identity
from visitapp.sync.enrolment import enrol
from visitapp.sync.trust import fetch_authority, without_pin
from visitapp.sync.wire import checked_address
from visitapp.vault.device import DeviceKey, verify


def enrol_key(address: str, code: str, key: DeviceKey) -> Enrolled:
    """Spend an enrolment code on a device key. Raises the problems of `sync.enrolment.enrol`, and ServiceNotTrusted."""
    authority = _authority_of(address)
    return enrol(checked_address(address), code, key.public_bytes, key.sign, app=__version__, authority=authority)


def _authority_of(address: str) -> bytes:
    """The authority that an address names by its pin, or nothing where the public ones are meant."""
    plain, pin = without_pin(address)
    return fetch_authority(checked_address(plain), pin) if pin else b""


def begin_connected(record: Record, address: str, told: Enrolled, key: DeviceKey) -> None:
    """Write into a new record whose it is and which service it belongs to, as the service has just said."""
    authority = _authority_of(address)
    begin_record(record, profile_of(told), DeviceId(told.device), key, practice=told.practice)
    with record.writing() as w:
        _keep_service(w, address, told, authority)


def connect(desk: Desk, address: str, code: str) -> None:
    """Connect a record that has lived on this laptop only; the screens go on, the sync loop finds the service by itself.

    Raises PracticeAndServiceMixed, SomebodyElsesCode and the problems of `sync.enrolment.enrol`.
    """
    with desk.record.reading() as r:
        key = DeviceKey.from_bytes(base64.b64decode(r.meta("device_key")))
        kept = load(r.meta("profile").encode())
    told = enrol_key(address, code, key)
    if told.practice != desk.practice:
        raise PracticeAndServiceMixed
    if told.user != desk.user.user:
        raise SomebodyElsesCode
    authority = _authority_of(address)
    with desk.record.writing() as w:
        w.meta_set("profile", dump({**kept, **profile_of(told).body()}).decode())
        w.meta_set("device", told.device)
        _keep_service(w, address, told, authority)
        w.audit("connected", user=told.user, device=told.device)


def _keep_service(w: Writing, address: str, told: Enrolled, authority: bytes) -> None:
    w.meta_set("service", checked_address(address))
    w.meta_set("service_authority", authority.decode("ascii"))
    w.meta_set("service_key", told.server_key)
    w.meta_set("epoch", told.epoch)


def profile_of(told: Enrolled) -> Profile:
    """Return who the service says this is."""
    return Profile(
        user=UserId(told.user),
        name=told.name,
        role=UserRole(told.role),
        job_title=told.job_title,
        team=TeamId(told.team),
        team_name=told.team_name,
    )


def is_connected(record: Record) -> bool:
    """Tell whether a record has been connected to a service."""
    with record.reading() as r:
        return bool(r.meta("service"))


def service_client(record: Record, clock: Clock) -> Client | None:
    """Return a client for the service this record belongs to, or None while it belongs to none."""
    with record.reading() as r:
        address, device, key = r.meta("service"), r.meta("device"), r.meta("device_key")
        service_key = base64.b64decode(r.meta("service_key"))
        authority = r.meta("service_authority").encode()
    if not address:
        return None
    own = DeviceKey.from_bytes(base64.b64decode(key))
    identity = Identity(
        device=device,
        app=__version__,
        sign=own.sign,
        verify=lambda signature, message: verify(service_key, signature, message),
        public=own.public_bytes,
    )
    return Client(address, identity, clock, authority=authority)
