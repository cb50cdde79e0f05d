"""Laptops: let in, block, and wipe, the last never by one click."""

from collections.abc import Callable
from typing import Any, Final

from visitapp.protocol.fingerprints import device_digits
from visitapp.server.admin import custody, overview, people
from visitapp.server.admin.people import NotFound, NotPossible
from visitapp.server.web.pages import Call, Done, Form, Page, Shown, Wrong


def _devices(call: Call) -> Shown:
    return Shown("devices.html", {"devices": overview.devices(call.connection)})


def _found(call: Call) -> Any:
    found = overview.device(call.connection, call.id("device"))
    if found is None:
        raise NotFound("laptop")
    return found


def _device(call: Call) -> Shown:
    found = _found(call)
    orders = [row for row in custody.wipes(call.connection) if row["device"] == found["id"]]
    facts = {
        "device": found,
        "digits": device_digits(bytes(found["public_key"])),
        "orders": orders,
        "may_change": call.may("devices.unblock"),
        "me": call.session.holder.user,
    }
    return Shown("device.html", facts)


def _approve(call: Call) -> Done:
    found = _found(call)
    if found["state"] != "pending":
        raise NotPossible("this laptop is not waiting")
    if call.told.get("compared") != "yes":
        raise Wrong("Compare the digits with those on the laptop's screen first, and tick that you did.")
    return _into(call, "active", "device-approved")


def _block(call: Call) -> Done:
    return _into(call, "blocked", "device-blocked")


def _unblock(call: Call) -> Done:
    if _found(call)["state"] != "blocked":
        raise NotPossible("only a blocked laptop can be let in again; one that was to be wiped has to be enrolled anew")
    return _into(call, "active", "device-open")


def _into(call: Call, state: str, said: str) -> Done:
    device = call.id("device")
    people.set_device_state(call.connection, device, state)
    return Done(f"/admin/devices/{device}", said)


def _ask_wipe(call: Call) -> Shown:
    found = _found(call)
    return Shown("wipe.html", {"device": found, "digits": device_digits(bytes(found["public_key"]))})


def _wipe(call: Call) -> Done:
    found = _found(call)
    _must_be_meant(call, found)
    custody.ask_wipe(call.connection, found["id"], call.session.holder.user)
    return Done(f"/admin/devices/{found['id']}", "device-wipe")


def _wipe_now(call: Call) -> Done:
    found = _found(call)
    _must_be_meant(call, found)
    agreed = custody.ask_wipe_now(call.connection, found["id"], call.session.holder.user)
    call.words = "both agree" if agreed else "first of two"
    return Done(f"/admin/devices/{found['id']}", "wipe-now" if agreed else "wipe-now-first")


def _must_be_meant(call: Call, found: Any) -> None:
    last = device_digits(bytes(found["public_key"]))[-4:]
    if call.line("last", "The last four digits") != last:
        raise Wrong("The last four digits are not those of this laptop.")


def _form(path: str, operation: str, carry_out: Callable[[Call], Done], *, fresh: bool = False) -> Form:
    return Form(f"/devices/{{device}}/{path}", operation, carry_out, fresh=fresh)


PAGES: Final = (
    Page("/devices", "devices.list", _devices),
    Page("/devices/{device}", "devices.list", _device),
    Page("/devices/{device}/wipe", "devices.wipe", _ask_wipe),
)
FORMS: Final = (
    _form("approve", "devices.approve", _approve, fresh=True),
    _form("block", "devices.block", _block),
    _form("unblock", "devices.unblock", _unblock, fresh=True),
    _form("wipe", "devices.wipe", _wipe, fresh=True),
    _form("wipe-now", "devices.wipe-now", _wipe_now, fresh=True),
)
