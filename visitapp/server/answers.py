"""Whether the answers of a signed part fit the questionnaire they name, where that was published by this service."""

import logging
from collections.abc import Mapping
from typing import Any, Final, Literal

from sqlalchemy import Connection

from visitapp.protocol.codec import read_json
from visitapp.server.admin.people import record_id
from visitapp.server.database import driver_of
from visitapp.server.signin import is_signed_by_key

_log: Final = logging.getLogger(__name__)

Fit = Literal["fits", "unknown", "answers"]
_PUBLISHED: Final = "select body from rec where scope = 'g:' and id = %s and kind = 'questionnaire' and not del"
_MOST: Final = 500


class KnownForms:
    """The questionnaires that this service has published, read when they are first needed; one version never changes."""

    def __init__(self) -> None:
        self._held: dict[str, Any] = {}

    def judge(self, connection: Connection, part: Mapping[str, Any], missed: set[str]) -> Fit:
        """fits, answers (they break a rule of their questionnaire), or unknown (nobody here can say).

        `missed` keeps what was looked for in vain, for as long as the caller keeps it.
        """
        canonical = str(part.get("questionnaire"))
        if canonical in missed:
            return "unknown"
        questionnaire = self._held.get(canonical) or self._read(connection, canonical)
        if questionnaire is None:
            missed.add(canonical)
            return "unknown"
        from visitapp.forms.facts import has_errors
        from visitapp.forms.validation import validate

        response = {
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "questionnaire": canonical,
            "item": part.get("answers"),
        }
        try:
            return "answers" if has_errors(validate(questionnaire, response)) else "fits"
        except Exception as bug:  # noqa: BLE001 - a note is never kept out by a bug in judging it
            _log.error("answers not judged", extra={"error": type(bug).__name__})
            return "unknown"

    def _read(self, connection: Connection, canonical: str) -> Any:
        row = driver_of(connection).execute(_PUBLISHED, (record_id(f"questionnaire {canonical}"),), binary=True).fetchone()
        if row is None:
            return None
        # Imported where the first published form is met: a service without any starts without the engine.
        from visitapp.forms.packs import PackRefused
        from visitapp.forms.published import read_published

        try:
            found = read_published(read_json(bytes(row[0])), is_signed_by_key).questionnaire
        except PackRefused:
            return None
        if len(self._held) < _MOST:
            self._held[canonical] = found
        return found
