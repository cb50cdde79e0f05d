"""The administrator's commands about the custody of laptops: wipe, lease, recovery key, recover."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from visitapp.server.admin import custody, listing
from visitapp.server.admin.people import NotPossible

Carry = Callable[[Any, argparse.Namespace], str]
Inside = Callable[[Carry], Carry]
Add = Callable[[Any], None]


def commands(inside: Inside) -> Sequence[Add]:
    """The commands; `inside` runs one in a transaction of the owner."""

    def told(adds: Callable[[Any], tuple[argparse.ArgumentParser, Carry]]) -> Add:
        def add(parsers: Any) -> None:
            parser, carry_out = adds(parsers)
            parser.set_defaults(carry_out=inside(carry_out))

        return add

    return [told(adds) for adds in (_wipe, _wipes, _lease, _recovery_key, _escrow, _recover, _custody_log)]


def _wipe(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("wipe-device", help="order a record off a laptop; its unsent work is handed in or sealed first")
    one.add_argument("device")
    one.add_argument("--by", action="append", default=[], help="the administrator who orders it (id); twice for --now")
    one.add_argument("--now", action="store_true", help="leave unsent work behind; needs two administrators")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        if not asked.now:
            return custody.ask_wipe(connection, asked.device, *asked.by[:1])
        if not asked.by:
            raise NotPossible("--now needs --by with the id of an administrator, twice for two at once")
        settled = [custody.ask_wipe_now(connection, asked.device, by) for by in asked.by[:2]]
        return "unsent work is left behind" if settled[-1] else "noted; a second administrator has to say the same"

    return one, carry_out


def _wipes(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("wipes", help="list orders to wipe and what became of them")
    return _listing(one, lambda connection, asked: custody.wipes(connection))


def _lease(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("lease", help="for how many days laptops may do without the service; ends leases given before")
    one.add_argument("days", type=int)
    return one, lambda connection, asked: f"policy {custody.set_lease(connection, asked.days)}: {asked.days} days"


def _recovery_key(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("recovery-key", help="name the organisation's recovery key; laptops seal their keys to it")
    one.add_argument("public", help="the public key that `visitapp recovery new-key` shows")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        custody.set_recovery_key(connection, asked.public)
        return ""

    return one, carry_out


def _escrow(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("escrow", help="list whose keys are in escrow")
    one.add_argument("user", nargs="?", default="")
    return _listing(one, lambda connection, asked: custody.escrows(connection, asked.user))


def _recover(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("recover", help="two administrators check a laptop's request to be recovered, which is written down")
    one.add_argument("user", help="whose laptop it is")
    one.add_argument("--by", action="append", default=[], required=True, help="an administrator's id; twice")
    one.add_argument("--request", default="", help="what the laptop shows (VR1.…); - reads it from standard input")

    def rows(connection: Any, asked: argparse.Namespace) -> list[dict[str, Any]]:
        if len(asked.by) < 2:
            raise NotPossible("two administrators are needed: --by twice")
        request = sys.stdin.readline().strip() if asked.request == "-" else asked.request
        return custody.note_recovery(connection, asked.user, asked.by[0], asked.by[1], request)

    return _listing(one, rows)


def _custody_log(parsers: Any) -> tuple[argparse.ArgumentParser, Carry]:
    one = parsers.add_parser("custody-log", help="the newest wipes, escrows and recoveries, and who asked for them")
    return _listing(one, lambda connection, asked: custody.log(connection))


def _listing(
    one: argparse.ArgumentParser, rows: Callable[[Any, argparse.Namespace], list[dict[str, Any]]]
) -> tuple[argparse.ArgumentParser, Carry]:
    one.add_argument("--json", action="store_true")
    return one, lambda connection, asked: listing.shown(rows(connection, asked), as_json=asked.json)
