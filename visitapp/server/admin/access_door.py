"""The command line about access: the matrix of permissions."""

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

Carry = Callable[[Any, argparse.Namespace], str]
Inside = Callable[[Carry], Carry]
Add = Callable[[Any], None]


def commands(inside: Inside) -> Sequence[Add]:
    """The commands; `inside` runs one in a transaction of the owner."""
    return (_access_matrix,)


def _access_matrix(parsers: Any) -> None:
    one = parsers.add_parser("access-matrix", help="print who may do what: every operation, role, relation and state, judged")
    one.add_argument("--json", action="store_true")

    def carry_out(_: Any, asked: argparse.Namespace) -> str:
        from visitapp.server import matrix
        from visitapp.server.app import document

        told = document()
        return json.dumps(matrix.as_json(told)) if asked.json else matrix.as_text(told)

    one.set_defaults(carry_out=carry_out)
