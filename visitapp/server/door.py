"""The server's command line: `serve`, and what an administrator can do beside it."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from visitapp.protocol.messages import is_id
from visitapp.server import access_door, audit, logs, staff_door
from visitapp.server.admin import backup, custody_door, listing, packs, people
from visitapp.server.admin.people import NewUser, NotFound, NotPossible
from visitapp.server.audit import OPERATOR
from visitapp.server.database import TooOld, UnsafeRole, administering, make_engine
from visitapp.server.embedded import EmbeddedTrouble, die_with_parent
from visitapp.server.folder import FolderBusy, opened, server_key
from visitapp.server.providers import Provider, read_provider
from visitapp.server.settings import Settings

_TROUBLE: Final = (NotFound, NotPossible, FolderBusy, EmbeddedTrouble, UnsafeRole, TooOld)


def serve(argv: Sequence[str]) -> int:
    """Runs the central server until it is asked to stop; answers the exit code."""
    parser = argparse.ArgumentParser("visitapp serve", description="The central server of visitapp.")
    parser.add_argument("--data", type=Path, default=_default_folder(), help="data folder (keys, embedded PostgreSQL)")
    parser.add_argument("--port", type=int, default=8741, help="port on this machine; 0 picks a free one")
    parser.add_argument("--practice", action="store_true", help="tell laptops that this is a service for practice")
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started this one ends")
    parser.add_argument("--certificate", type=Path, help="certificate chain (PEM): serve https, beyond this machine too")
    parser.add_argument("--key", type=Path, help="the certificate's key (PEM)")
    parser.add_argument("--authority", type=Path, help="certificate (PEM) of a private authority that laptops know by its pin")
    parser.add_argument("--address", default="0.0.0.0", help="address to listen on with a certificate")  # noqa: S104
    parser.add_argument("--oidc", type=Path, help="a file (JSON) that describes your organisation's sign-in for administrators")
    asked = parser.parse_args(list(argv))
    if bool(asked.certificate) != bool(asked.key):
        parser.error("--certificate and --key go together")
    logs.configure()
    # The administrator's commands come through this door too, and need none of what HTTP needs.
    from visitapp.server.serving import Tls, run

    stopped = _no_second_signal()
    if asked.with_parent:
        die_with_parent()
    try:
        with opened(asked.data, "serve") as databases:
            authority = asked.authority.read_bytes() if asked.authority else b""
            settings = Settings(
                databases.serving_url,
                server_key(asked.data),
                databases.owner_url,
                practice=asked.practice,
                authority=authority,
                provider=_provider(asked.oidc),
            )
            if not stopped:
                run(settings, asked.port, Tls(asked.certificate, asked.key, asked.address) if asked.certificate else None)
    except _TROUBLE as trouble:
        print(f"visitapp server cannot start: {_said(trouble)}", file=sys.stderr)
        return 1
    except (SQLAlchemyError, OSError) as trouble:
        print(f"visitapp server cannot start: {_named(trouble)}", file=sys.stderr)
        return 1
    return 0


def _provider(file: Path | None) -> Provider | None:
    if file is None:
        return None
    try:
        return read_provider(file)
    except (ValueError, KeyError, TypeError) as trouble:
        raise NotPossible(f"{file.name} does not describe a sign-in: {trouble}") from None


def _no_second_signal() -> list[int]:
    """Notes a stop that comes before or after uvicorn listens for it; uvicorn raises it again once it has stopped."""
    noted: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: noted.append(received))
    return noted


def administer(argv: Sequence[str]) -> int:
    """Carries out one administrator's command; answers the exit code. What it makes is printed as a plain id or code."""
    parser = argparse.ArgumentParser("visitapp server", description="Administration of the central server.")
    parser.add_argument("--data", type=Path, default=_default_folder(), help="the server's data folder")
    commands = parser.add_subparsers(dest="command", required=True)
    for add in _COMMANDS:
        add(commands)
    asked = parser.parse_args(list(argv))
    try:
        if asked.command in _WITHOUT_DATABASE:
            print(asked.carry_out(None, asked))
            return 0
        with opened(asked.data, "administer") as databases:
            engine = make_engine(databases.owner_url, size=2)
            try:
                said = asked.carry_out(engine, asked)
            finally:
                engine.dispose()
    except _TROUBLE as trouble:
        print(f"visitapp server: {_said(trouble)}", file=sys.stderr)
        return 1
    except (SQLAlchemyError, OSError) as trouble:
        print(f"visitapp server: {_named(trouble)}", file=sys.stderr)
        return 1
    if said:
        print(said)
    return 0


def _default_folder() -> Path:
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(os.environ.get("VISITAPP_SERVER_DATA") or Path(home) / "visitapp-server")


def _said(trouble: Exception) -> str:
    if isinstance(trouble, FolderBusy):
        return "another server is running on this data folder"
    return "PostgreSQL is older than 15" if isinstance(trouble, TooOld) else str(trouble)


def _named(trouble: Exception) -> str:
    """A difficulty without any of the values it was about."""
    inner = getattr(trouble, "orig", None)
    state = getattr(inner, "sqlstate", None)
    if isinstance(trouble, OSError):
        told = trouble.strerror or type(trouble).__name__
        return f"{told}: {trouble.filename}" if trouble.filename else told
    words = "the database refused" if state else "the database does not answer"
    return f"{words} ({type(inner or trouble).__name__}{' ' + state if state else ''})"


def _moment(told: str) -> datetime:
    """A date (its beginning, in London) or a date and time."""
    found = datetime.fromisoformat(told)
    if len(told) == len("2026-01-31"):
        found = datetime.combine(found.date(), time())
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)


def _add_team(commands: Any) -> None:
    one = commands.add_parser("add-team", help="make a team; prints its id")
    one.add_argument("name")
    one.add_argument("--id", default="")
    one.set_defaults(carry_out=_inside(lambda connection, asked: people.add_team(connection, asked.name, asked.id)))


def _add_user(commands: Any) -> None:
    one = commands.add_parser("add-user", help="make a user; prints her id")
    one.add_argument("name")
    one.add_argument("--role", choices=people.ROLES, required=True)
    one.add_argument("--team", required=True, help="the team's id")
    one.add_argument("--job-title", default="")
    one.add_argument("--id", default="")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        new = NewUser(asked.name, asked.role, asked.team, asked.job_title, asked.id)
        return people.add_user(connection, new)

    one.set_defaults(carry_out=_inside(carry_out))


def _enrol(commands: Any) -> None:
    one = commands.add_parser("enrol", help="print a one-use code with which the user enrols a laptop within a day")
    one.add_argument("user")
    one.set_defaults(carry_out=_inside(lambda connection, asked: people.give_code(connection, asked.user)))


def _assign(commands: Any) -> None:
    one = commands.add_parser("assign", help="give a family to a nurse, or end it with --until alone")
    one.add_argument("family")
    one.add_argument("nurse")
    one.add_argument("--from", dest="from_at", type=_moment, default=None)
    one.add_argument("--until", dest="until_at", type=_moment, default=None)

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        people.assign(connection, asked.family, asked.nurse, asked.from_at, asked.until_at)
        return ""

    one.set_defaults(carry_out=_inside(carry_out))


def _devices(commands: Any) -> None:
    for name, state, words in (
        ("block-device", "blocked", "refuse a device from now on"),
        ("unblock-device", "active", "let a device in again"),
    ):
        one = commands.add_parser(name, help=words)
        one.add_argument("device")

        def carry_out(connection: Any, asked: argparse.Namespace, state: str = state) -> str:
            people.set_device_state(connection, asked.device, state)
            return ""

        one.set_defaults(carry_out=_inside(carry_out))


def _phone_cards(commands: Any) -> None:
    one = commands.add_parser("phone-cards", help="put a team's phone numbers on its laptops")
    one.add_argument("team")
    one.add_argument("file", type=Path, help="a JSON list of {name, phone, hours, when}")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        try:
            cards = json.loads(asked.file.read_text("utf-8"))
        except ValueError:
            raise NotPossible("the file is not JSON") from None
        people.publish_phone_cards(connection, asked.team, cards)
        return ""

    one.set_defaults(carry_out=_inside(carry_out))


def _publish_pack(commands: Any) -> None:
    one = commands.add_parser("publish-pack", help="put the questionnaires of a signed pack on every laptop")
    one.add_argument("pack", type=Path, help="a pack made by `visitapp forms pack`")
    one.add_argument("--signer", default="", help="the key that signed it, where it has not signed for this service before")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        return packs.publish_pack(connection, asked.pack.read_bytes(), asked.signer)

    one.set_defaults(carry_out=_inside(carry_out))


def _list(commands: Any) -> None:
    one = commands.add_parser("list", help="list teams, users, devices, families or what is held for a person to look at")
    one.add_argument("what", nargs="?", default="users", choices=sorted(listing.LISTS))
    one.add_argument("--json", action="store_true")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        return listing.shown(listing.rows(connection, asked.what), as_json=asked.json)

    one.set_defaults(carry_out=_inside(carry_out))


def _certificates(commands: Any) -> None:
    one = commands.add_parser("certificates", help="make a development authority, and a certificate for a host")
    one.add_argument("folder", type=Path)
    one.add_argument("host", help="the host's name or address, as laptops will call it")

    def carry_out(_: Any, asked: argparse.Namespace) -> str:
        from visitapp.server.certificates import make_certificates

        made = make_certificates(asked.folder, asked.host)
        files = f"--certificate {made.certificate} --key {made.key} --authority {made.authority}"
        return f"visitapp serve {files}\naddress for laptops: https://{asked.host}:8741#{made.pin}"

    one.set_defaults(carry_out=carry_out)


def _clusters(commands: Any) -> None:
    one = commands.add_parser("clusters", help="list databases that lie away from their data folder, or delete some left over")
    one.add_argument("--delete", nargs="+", metavar="NAME", help="delete these for good; what a data folder leads to is refused")

    def carry_out(_: Any, asked: argparse.Namespace) -> str:
        from visitapp.server.admin import clusters

        return clusters.delete(asked.delete) if asked.delete else clusters.listed()

    one.set_defaults(carry_out=carry_out)


def _hash(commands: Any) -> None:
    one = commands.add_parser("hash", help="print the SHA-256 of a record's bytes as they are kept here")
    one.add_argument("record", help="the record's id, for example a visit's")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        found = listing.hashes(connection, asked.record)
        if len(found) != 1:
            raise NotPossible("there is no such record" if not found else "several records have this id")
        return found[0]

    one.set_defaults(carry_out=_inside(carry_out))


def _backup(commands: Any) -> None:
    one = commands.add_parser("backup", help="write everything into one file, also while the server runs")
    one.add_argument("file", type=Path)

    def back_up(engine: Any, asked: argparse.Namespace) -> str:
        return _counted("backed up", backup.back_up(engine, asked.file, server_key(asked.data)))

    one.set_defaults(carry_out=back_up)
    two = commands.add_parser("restore", help="replace everything by what a backup holds; laptops then check their records")
    two.add_argument("file", type=Path)

    def restore(engine: Any, asked: argparse.Namespace) -> str:
        return _counted("restored", backup.restore(engine, asked.file, asked.data))

    two.set_defaults(carry_out=restore)


def _counted(words: str, rows: dict[str, int]) -> str:
    return f"{words}: {rows['rec']} records in {rows['scope']} scopes, {rows['member']} users, {rows['device']} devices"


def _about(asked: argparse.Namespace) -> str:
    """The ids that a command named; nothing else of what was typed."""
    return " ".join(value for _, value in sorted(vars(asked).items()) if isinstance(value, str) and is_id(value))


def _inside(carry_out: Callable[[Any, argparse.Namespace], str]) -> Callable[[Any, argparse.Namespace], str]:
    """A command that runs in one transaction of the owner."""

    def in_transaction(engine: Any, asked: argparse.Namespace) -> str:
        with administering(engine) as connection:
            connection.execute(text("select set_config('lock_timeout', '10s', true)"))
            said = carry_out(connection, asked)
            audit.note(connection, OPERATOR, f"command {asked.command}", _about(asked))
            return said

    return in_transaction


_COMMANDS: Final = (
    *(_add_team, _add_user, _enrol, _assign, _devices, _phone_cards),
    *(_publish_pack, _list, _certificates, _clusters, _hash, _backup),
    *staff_door.commands(_inside, _moment),
    *custody_door.commands(_inside),
    *access_door.commands(_inside),
)
_WITHOUT_DATABASE: Final = ("certificates", "clusters", "access-matrix")
