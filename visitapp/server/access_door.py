"""The command line about access: the matrix of permissions, and the organisation's audit for its auditor."""

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from visitapp.server import audit
from visitapp.server.admin.listing import shown
from visitapp.server.admin.people import NotPossible

Carry = Callable[[Any, argparse.Namespace], str]
Inside = Callable[[Carry], Carry]
Add = Callable[[Any], None]


def commands(inside: Inside) -> Sequence[Add]:
    """The commands; `inside` runs one in a transaction of the owner."""
    return (_access_matrix, lambda parsers: _audit(parsers, inside))


def _access_matrix(parsers: Any) -> None:
    one = parsers.add_parser("access-matrix", help="print who may do what: every operation, role, relation and state, judged")
    one.add_argument("--json", action="store_true")

    def carry_out(_: Any, asked: argparse.Namespace) -> str:
        from visitapp.server import matrix
        from visitapp.server.app import document

        told = document()
        return json.dumps(matrix.as_json(told)) if asked.json else matrix.as_text(told)

    one.set_defaults(carry_out=carry_out)


_KEPT: Final = ("n", "at", "who", "what", "about", "told")


def _audit(parsers: Any, inside: Inside) -> None:
    one = parsers.add_parser("audit", help="print the audit, look whether it is whole, or export its finished days")
    one.add_argument("--json", action="store_true")
    one.add_argument("--after", type=int, default=0, metavar="N", help="only entries after this number")
    one.add_argument("--verify", action="store_true", help="judge every entry, against --head and --roots too")
    one.add_argument("--head", default="", metavar="N:HASH", help="what an auditor wrote down of an entry")
    one.add_argument("--roots", type=Path, help="a file of exported days to judge the entries by")
    one.add_argument("--export", type=Path, metavar="FILE", help="add the days that are over, signed, to a file kept elsewhere")

    def carry_out(connection: Any, asked: argparse.Namespace) -> str:
        if asked.export:
            return _exported(connection, asked)
        if asked.verify:
            return _verified(connection, asked)
        rows = [_row(entry) for entry in audit.entries(connection, asked.after)]
        return shown(rows, as_json=asked.json)

    one.set_defaults(carry_out=inside(carry_out))


def _row(entry: audit.Entry) -> dict[str, Any]:
    return {**{name: getattr(entry, name) for name in _KEPT}, "at": entry.at.isoformat(), "hash": entry.hash.hex()}


def _verified(connection: Any, asked: argparse.Namespace) -> str:
    found = audit.verify(connection, _heads(asked.head))
    if found.broken:
        raise NotPossible(f"the audit is broken at entry {found.broken} ({found.why}); {found.entries} were read")
    if asked.roots:
        _judge_by(connection, asked)
    told = {"entries": found.entries, "head": f"{found.entries}:{found.head.hex()}"}
    if asked.json:
        return json.dumps(told)
    return f"the audit is whole: {found.entries} entries; write down {told['head']}"


def _heads(told: str) -> list[audit.Anchor]:
    if not told:
        return []
    number, _, digest = told.partition(":")
    try:
        return [audit.Anchor(int(number), bytes.fromhex(digest))]
    except ValueError:
        raise NotPossible("--head must be a number, a colon and a hash, as --verify prints them") from None


def _judge_by(connection: Any, asked: argparse.Namespace) -> None:
    from visitapp.server.roots import first_wrong

    wrong = first_wrong(connection, _key(asked), _known(asked.roots))
    if wrong:
        raise NotPossible(f"the audit is not what was exported of {wrong.day} (entries {wrong.first} to {wrong.last})")


def _exported(connection: Any, asked: argparse.Namespace) -> str:
    from visitapp.server.roots import first_wrong, new_lines

    known = _known(asked.export) if asked.export.exists() else []
    key = _key(asked)
    if wrong := first_wrong(connection, key, known):
        raise NotPossible(f"nothing was added: the audit is not what was exported of {wrong.day}")
    added = new_lines(connection, key, known, datetime.now(UTC))
    with asked.export.open("a", encoding="utf-8") as file:
        file.write(added)
    return f"{added.count(chr(10))} days added"


def _key(asked: argparse.Namespace) -> Any:
    from visitapp.server.folder import server_key
    from visitapp.server.signin import ServerKey

    return ServerKey(server_key(asked.data))


def _known(file: Path) -> Any:
    from visitapp.server.roots import read_roots

    try:
        return read_roots(file.read_text("utf-8"))
    except ValueError:
        raise NotPossible(f"{file.name} is no export of an audit") from None
