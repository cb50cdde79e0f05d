"""How routes describe themselves in the OpenAPI document: their row, what they take and what they answer, refusals included."""

from dataclasses import MISSING, fields
from typing import Any, Final

from fastapi import Response

from visitapp.protocol import messages as m
from visitapp.server.operations import asks

PACKED: Final = "application/x-ndjson"
PLAIN: Final = "application/json"

_KINDS: Final[dict[Any, dict[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
}
_REFUSALS: Final = {
    400: "Not a message of this protocol",
    401: "Not signed as it should be, a clock that is off, or used before",
    403: "Not allowed, or this device is blocked or to be wiped",
    408: "The body did not come on",
    409: "Another laptop uses the same device id",
    413: "Too large, or too many at once",
    422: "Says too little",
    426: "A version that is no longer spoken",
    429: "Too often",
    500: "The service stumbled",
    503: "The service has no room now",
}


def shape_of(message: type) -> dict[str, Any]:
    """The JSON Schema of a flat message: texts and numbers, those without a default required."""
    told = fields(message)
    return {
        "type": "object",
        "properties": {field.name: _KINDS[field.type] for field in told},
        "required": [field.name for field in told if field.default is MISSING],
    }


def described(operation: str, *, ask: type | None = None, answer: type | None = None, packed: bool = False) -> dict[str, Any]:
    """What a route is declared with: JSON with the shape of two messages, or `packed` lines both ways."""
    body: dict[str, Any] = {}
    if packed:
        body = {PACKED: {"schema": {"type": "string", "format": "binary"}}}
    elif ask is not None:
        body = {PLAIN: {"schema": shape_of(ask)}}
    taken = {"requestBody": {"required": True, "content": body}} if body else {}
    told = {PACKED: {"schema": {"type": "string", "format": "binary"}}} if packed else {PLAIN: {"schema": _shape(answer)}}
    refused = {PLAIN: {"schema": shape_of(m.Refusal)}}
    answers: dict[int | str, dict[str, Any]] = {200: {"description": "Done", "content": told}}
    answers |= {status: {"description": words, "content": refused} for status, words in _REFUSALS.items()}
    return {"openapi_extra": asks(operation, **taken), "responses": answers, "response_class": Response}


def _shape(answer: type | None) -> dict[str, Any]:
    return shape_of(answer) if answer else {"type": "object"}
