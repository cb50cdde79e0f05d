"""The questionnaires at hand, by url and version; the same url|version always means the same content."""

import re
from collections.abc import Iterable, Iterator

from visitapp.forms.definition import Questionnaire


class VersionTaken(Exception):
    """Another content already has this url and version."""

    def __init__(self, canonical: str) -> None:
        super().__init__(canonical)
        self.canonical = canonical


class Library:
    """Holds questionnaires; an answer always opens with the version it was given in."""

    def __init__(self, questionnaires: Iterable[Questionnaire] = ()) -> None:
        self._held: dict[str, Questionnaire] = {}
        for questionnaire in questionnaires:
            self.add(questionnaire)

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Questionnaire]:
        return iter(self._held.values())

    def __contains__(self, canonical: str) -> bool:
        return canonical in self._held

    def add(self, questionnaire: Questionnaire) -> None:
        """Takes a questionnaire in; raises `VersionTaken` where its url|version is held with other content."""
        held = self._held.get(questionnaire.canonical)
        if held is not None and held.digest != questionnaire.digest:
            raise VersionTaken(questionnaire.canonical)
        self._held[questionnaire.canonical] = questionnaire

    def get(self, canonical: str) -> Questionnaire | None:
        """Exactly that url|version; for a url alone the latest."""
        found = self._held.get(canonical)
        return found if found is not None or "|" in canonical else self.latest(canonical)

    def latest(self, url: str) -> Questionnaire | None:
        """The highest version of a url; a retired one only where there is no other."""
        held = [each for each in self._held.values() if each.url == url]
        return max(held, key=lambda each: (each.status != "retired", version_key(each.version)), default=None)


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Orders versions as people do: 1.10 after 1.9, and 1.0 after 1.0-draft."""
    pieces = re.findall(r"\d+|[a-z]+", version.lower())
    key = [(1, int(piece), "") if piece.isdigit() else (-1, 0, piece) for piece in pieces if len(piece) < 40]
    return (*key, (0, 0, ""))
