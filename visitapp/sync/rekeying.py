"""A device id of one's own for a laptop whose id is in use twice: a copy of its record is about, or it was put back itself."""

import base64
import json
from typing import Protocol

from visitapp.protocol.messages import Enrolled
from visitapp.store.record import Record
from visitapp.store.writing import Writing
from visitapp.sync.client import Former, Sign
from visitapp.sync.problems import DeviceUnknown
from visitapp.vault.device import DeviceKey

_MOST_FORMER = 8


class Rekeyable(Protocol):
    """The part of a client that a change of device id needs; `Client` is one."""

    def rekey(self, public_key: bytes, sign: Sign, former: Former | None = None) -> Enrolled:
        """Ask for a device id."""

    def become(self, device: str, sign: Sign) -> None:
        """Speak as another device."""


def rekey(record: Record, client: Rekeyable) -> None:
    """Have the server give this laptop a new device id for a new key; the record's content and outbox stay as they are.

    The new key is in the record before it is asked for, so that a lost answer is asked for again and gets the same id. Raises the
    problems of `sync/problems.py`.
    """
    key = _next_key(record)
    _take(record, client, client.rekey(key.public_bytes, key.sign).device, key)


def rekey_from_former(record: Record, client: Rekeyable) -> bool:
    """When the server does not know this device id, as after it was put back to before a rekeying: ask with one it may know.

    It learns every key that came after that one anew, because notes are signed with them. False if there is none that it knows.
    """
    with record.reading() as r:
        chain = [*json.loads(r.meta("former_devices", "[]")), [r.meta("device"), r.meta("device_key")]]
    for place in range(len(chain) - 2, -1, -1):
        former = Former(chain[place][0], _key(chain[place][1]).sign)
        try:
            for _, private in chain[place + 1 :]:
                key = _key(private)
                told = client.rekey(key.public_bytes, key.sign, former)
                former = Former(told.device, key.sign)
        except DeviceUnknown:
            continue
        _take(record, client, former.device, _key(chain[-1][1]))
        return True
    return False


def _next_key(record: Record) -> DeviceKey:
    with record.writing() as w:
        kept = w.meta("device_key_next")
        if not kept:
            kept = base64.b64encode(DeviceKey.generate().private_bytes()).decode()
            w.meta_set("device_key_next", kept)
    return _key(kept)


def _take(record: Record, client: Rekeyable, device: str, key: DeviceKey) -> None:
    private = base64.b64encode(key.private_bytes()).decode()
    with record.writing() as w:
        old = w.meta("device")
        if w.meta("device_key") != private:
            _keep_former(w, old)
        w.meta_set("device", device)
        w.meta_set("device_key", private)
        w.meta_set("device_key_next", "")
        w.meta_set("request_counter", "0")
        w.audit("rekeyed", old=old, device=device)
    client.become(device, key.sign)


def _keep_former(w: Writing, device: str) -> None:
    private = w.meta("device_key")
    if device and private:
        former = [*json.loads(w.meta("former_devices", "[]")), [device, private]]
        w.meta_set("former_devices", json.dumps(former[-_MOST_FORMER:]))


def _key(private: str) -> DeviceKey:
    return DeviceKey.from_bytes(base64.b64decode(private))
