"""The matrix of permissions as it is judged: every operation of the OpenAPI document, each of its cells asked of `decision`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from visitapp.server.decision import Decision, Question, decide, questions
from visitapp.server.operations import OPERATIONS, Role

_PUSH = "push"


class Unjudged(Exception):
    """A route of the service names no row of the table of operations. `routes` says which."""

    def __init__(self, routes: tuple[str, ...]) -> None:
        super().__init__("no row judges " + ", ".join(routes))
        self.routes = routes


@dataclass(frozen=True, slots=True)
class Cell:
    """One question and its answer."""

    question: Question
    decision: Decision


def operations(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The operations behind all routes, by name; handing in is one for each act and kind. Raises Unjudged."""
    found: set[str] = set()
    unjudged = []
    for path, verbs in document["paths"].items():
        for verb, told in verbs.items():
            name = told.get("x-operation", "")
            if name == _PUSH:
                found |= {operation for operation in OPERATIONS if operation.startswith("push ")}
            elif name in OPERATIONS:
                found.add(name)
            else:
                unjudged.append(f"{verb.upper()} {path}")
    if unjudged:
        raise Unjudged(tuple(unjudged))
    return tuple(sorted(found))


def cells(document: Mapping[str, Any]) -> Iterator[Cell]:
    """Every cell of the matrix. Raises Unjudged."""
    for operation in operations(document):
        for question in questions(operation):
            yield Cell(question, decide(question))


def as_json(document: Mapping[str, Any]) -> dict[str, Any]:
    """The matrix and its counts. A cell: operation, role, subject, relation, tense, state, how it may be done, reason."""
    judged = list(cells(document))
    return {
        "operations": len({cell.question.operation for cell in judged}),
        "routes": sum(len(verbs) for verbs in document["paths"].values()),
        "cells": len(judged),
        "allowed": sum(cell.decision.allowed for cell in judged),
        "columns": ["operation", "role", "subject", "relation", "tense", "state", "way", "reason"],
        "matrix": [_row(cell) for cell in judged],
    }


def _row(cell: Cell) -> list[str]:
    asked, answer = cell.question, cell.decision
    named = (asked.operation, asked.role, asked.subject, asked.relation, asked.tense.value, asked.state)
    return [*named, answer.way, answer.reason]


def as_text(document: Mapping[str, Any]) -> str:
    """For each operation how many of its cells each role is allowed, and the counts."""
    judged = list(cells(document))
    allowed: dict[tuple[str, str], int] = {}
    for cell in judged:
        key = (cell.question.operation, cell.question.role)
        allowed[key] = allowed.get(key, 0) + cell.decision.allowed
    roles = [role.value for role in Role]
    lines = ["\t".join(["operation", *roles])]
    for operation in operations(document):
        lines.append("\t".join([operation, *(str(allowed[operation, role]) for role in roles)]))
    total = sum(cell.decision.allowed for cell in judged)
    lines.append(f"{len(operations(document))} operations, {len(judged)} cells, {total} allowed")
    return "\n".join(lines)
