"""The administrator's commands about people: accounts, roles, leaving, cover, and the settings of the service."""

import argparse
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from visitapp.protocol.fingerprints import device_digits
from visitapp.server.admin import overview, people, staffing
from visitapp.server.admin.people import ROLES, NotFound, NotPossible
from visitapp.server.folder import server_key

Carry = Callable[[Any, argparse.Namespace], str]
Inside = Callable[[Carry], Carry]
Add = Callable[[Any], None]


def commands(inside: Inside, moment: Callable[[str], datetime]) -> Sequence[Add]:
    """The commands; `inside` runs one in a transaction of the owner, `moment` reads a date or a moment."""

    def told(adds: Callable[[Any], tuple[argparse.ArgumentParser, Carry]]) -> Add:
        def add(parsers: Any) -> None:
            parser, carry_out = adds(parsers)
            parser.set_defaults(carry_out=inside(carry_out))

        return add

    def cover(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
        return _cover(parsers, moment)

    return [told(adds) for adds in (_account, _change, _close, _reopen, _hand_over, cover, _approve, _policy)]


def _account(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("account", help="let an administrator or auditor into the web administration by a one-use code")
    one.add_argument("user")
    one.add_argument("--login", default="", help="the user name to sign in with; made of her name otherwise")
    one.add_argument("--subject", default="", help="what your organisation's sign-in (OIDC) calls her; then no code is needed")
    one.add_argument("--practice", action="store_true", help="an account for a practice server: prints its password, no code")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        from visitapp.server import accounts

        login = accounts.give_account(connection, asked.user, asked.login, asked.subject)
        if asked.practice:
            return f"user name {login}\npassword {accounts.practise(connection, server_key(asked.data), asked.user)}"
        if asked.subject:
            return f"user name {login}"
        code = accounts.give_setup_code(connection, asked.user)
        return f"user name {login}\none-use code {code}\nto be typed within a day at the service's address, /admin/set-up"

    return one, carry_out


def _change(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("change-user", help="give somebody another role or job title")
    one.add_argument("user")
    one.add_argument("--role", choices=ROLES, required=True)
    one.add_argument("--job-title", default="")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        staffing.change_role(connection, asked.user, asked.role, asked.job_title)
        return ""

    return one, carry_out


def _close(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("close-user", help="refuse somebody's laptops and sessions from now on; her notes stay")
    one.add_argument("user")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        staffing.close(connection, asked.user)
        return ""

    return one, carry_out


def _reopen(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("reopen-user", help="let somebody in again")
    one.add_argument("user")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        people.set_active(connection, asked.user, True)
        return ""

    return one, carry_out


def _hand_over(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("hand-over", help="give all families of a nurse who leaves to another")
    one.add_argument("nurse")
    one.add_argument("to")
    return one, lambda connection, asked: _counted(staffing.hand_over(connection, asked.nurse, asked.to))


def _cover(parsers: Any, moment: Callable[[str], datetime]) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("cover", help="let another nurse into all families of one who is away")
    one.add_argument("nurse")
    one.add_argument("by")
    one.add_argument("--from", dest="from_at", type=moment, required=True)
    one.add_argument("--until", dest="until_at", type=moment, required=True)
    return one, lambda connection, asked: _counted(staffing.cover(connection, asked.nurse, asked.by, asked.from_at, asked.until_at))


def _approve(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("approve-device", help="let a laptop in that waits, once its owner has read out its digits")
    one.add_argument("device")
    one.add_argument("digits", help="the twelve digits on the laptop's screen, in quotation marks or without spaces")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        found = connection.execute(text("select public_key, state from device where id = :id"), {"id": asked.device}).first()
        if found is None:
            raise NotFound("device")
        if found.state != "pending":
            raise NotPossible("this laptop is not waiting")
        if "".join(asked.digits.split()) != device_digits(bytes(found.public_key)).replace(" ", ""):
            raise NotPossible("these are not the digits of this laptop: somebody else's may be waiting in its place")
        people.set_device_state(connection, asked.device, "active")
        return ""

    return one, carry_out


def _policy(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("policy", help="show the settings of the service, or change one: policy approve_devices on")
    one.add_argument("name", nargs="?", choices=sorted(overview.POLICIES))
    one.add_argument("value", nargs="?", choices=("off", "on"))

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        if asked.name and asked.value:
            overview.set_policy(connection, asked.name, asked.value)
        return "\n".join(f"{name} {value}" for name, value in overview.policies(connection).items())

    return one, carry_out


def _counted(families: Sequence[str]) -> str:
    return f"{len(families)} families"
