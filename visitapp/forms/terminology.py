"""Value sets and code lists that can be judged without a terminology server: contained ones and shipped ones."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from pathlib import Path
from typing import Any

from visitapp.forms import extensions as ext
from visitapp.forms.items import Option, read_option
from visitapp.forms.values import Coding

MAX_CODES = 20_000
_MAX_NESTING = 8
_MAX_VISITS = 200


class Verdict(Enum):
    """What is known of a coding and a value set."""

    MEMBER = auto()
    NOT_A_MEMBER = auto()
    WRONG_DISPLAY = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Concept:
    """One code with every name it may be shown by; the first is the preferred one."""

    code: str
    system: str | None
    names: tuple[str, ...] = ()
    raw: Mapping[str, Any] | None = None


class Expansion:
    """The concepts of a value set, and the systems of which some could not be listed on this machine."""

    def __init__(self) -> None:
        self.concepts: dict[tuple[str | None, str], Concept] = {}
        self.unlisted: set[str | None] = set()

    def add(self, concept: Concept) -> None:
        if len(self.concepts) < MAX_CODES:
            self.concepts.setdefault((concept.system, concept.code), concept)
        else:
            self.unlisted.add(concept.system)

    def options(self) -> tuple[Option, ...]:
        """The concepts as options to choose from."""
        made = []
        for concept in self.concepts.values():
            name = concept.names[0] if concept.names else None
            coding = {"system": concept.system, "code": concept.code, "display": name}
            said = {key: part for key, part in (concept.raw or {}).items() if key in ("extension", "_display")}
            option = read_option({"valueCoding": {key: part for key, part in coding.items() if part} | said})
            if option is not None:
                made.append(option)
        return tuple(made)

    def judge(self, coding: Coding) -> Verdict:
        """Whether the coding is one of the concepts and is called by one of their names."""
        if coding.code is None:
            return Verdict.NOT_A_MEMBER
        if coding.system is not None:
            found = self.concepts.get((coding.system, coding.code)) or self.concepts.get((None, coding.code))
        else:
            found = next((each for (_, code), each in self.concepts.items() if code == coding.code), None)
        if found is None:
            is_open = None in self.unlisted or coding.system in self.unlisted or (not coding.system and self.unlisted)
            return Verdict.UNKNOWN if is_open else Verdict.NOT_A_MEMBER
        if coding.display and found.names and fold(coding.display) not in map(fold, found.names):
            return Verdict.WRONG_DISPLAY
        return Verdict.MEMBER


def fold(words: str) -> str:
    """Words as FHIR compares displays: case and white space don't count."""
    return " ".join(words.split()).casefold()


class ValueSets:
    """Finds value sets by url: first what the questionnaire contains, then what is shipped."""

    def __init__(self, contained: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._contained = contained or {}
        self._known: dict[str, Expansion] = {}
        self._visits = 0

    def expansion(self, url: str) -> Expansion:
        """The value set's concepts; where it isn't on this machine, an expansion of which nothing is listed."""
        if url not in self._known:
            made = Expansion()
            self._visits = 0
            self._include_set(made, url, 0)
            self._known[url] = made
        return self._known[url]

    def _resource(self, url: str, kind: str) -> Mapping[str, Any] | None:
        bare = url.partition("|")[0]
        if bare.startswith("#"):
            found = self._contained.get(bare[1:])
            return found if found is not None and found.get("resourceType") == kind else None
        for part in self._contained.values():
            if part.get("resourceType") == kind and part.get("url") == bare:
                return part
        return shipped().get((kind, bare))

    def _include_set(self, into: Expansion, url: str, nesting: int) -> None:
        self._visits += 1
        found = self._resource(url, "ValueSet")
        if found is None or nesting > _MAX_NESTING or self._visits > _MAX_VISITS:
            into.unlisted.add(None)
            return
        expansion = found.get("expansion")
        if isinstance(expansion, Mapping) and isinstance(expansion.get("contains"), list):
            for concept in _concepts(expansion["contains"], None, "contains"):
                into.add(concept)
            total = expansion.get("total")
            if isinstance(total, int) and total > len(into.concepts):
                into.unlisted.add(None)
            return
        compose = found.get("compose")
        includes = compose.get("include") if isinstance(compose, Mapping) else None
        if not isinstance(compose, Mapping) or not isinstance(includes, list):
            into.unlisted.add(None)
            return
        for include in includes:
            self._include(into, include, nesting)
        excluded = Expansion()
        for exclude in _list(compose.get("exclude")):
            self._include(excluded, exclude, nesting)
        for key in excluded.concepts:
            into.concepts.pop(key, None)
        into.unlisted |= excluded.unlisted

    def _include(self, into: Expansion, include: Any, nesting: int) -> None:
        if not isinstance(include, Mapping):
            return
        system = include.get("system") if isinstance(include.get("system"), str) else None
        sets = [url for url in _list(include.get("valueSet")) if isinstance(url, str)]
        if sets and system:
            # The intersection of a system and other sets: what all of them list.
            into.unlisted.add(system)
        elif sets:
            self._intersection(into, sets, nesting)
        elif isinstance(include.get("concept"), list):
            for concept in _concepts(include["concept"], system, "concept"):
                into.add(self._named(concept))
        elif system and not include.get("filter"):
            self._system(into, system)
        else:
            into.unlisted.add(system)

    def _intersection(self, into: Expansion, sets: Sequence[str], nesting: int) -> None:
        parts = []
        for url in sets:
            part = Expansion()
            self._include_set(part, url, nesting + 1)
            parts.append(part)
            into.unlisted |= part.unlisted
        for key, concept in parts[0].concepts.items():
            if all(key in part.concepts for part in parts[1:]):
                into.add(concept)

    def _system(self, into: Expansion, system: str) -> None:
        found = self._resource(system, "CodeSystem")
        concepts = found.get("concept") if found is not None else None
        if found is None or found.get("content") not in ("complete", None) or not isinstance(concepts, list):
            into.unlisted.add(system)
            return
        for concept in _concepts(concepts, system, "concept"):
            into.add(concept)

    def _named(self, concept: Concept) -> Concept:
        if concept.names or concept.system is None:
            return concept
        names = system_names(concept.system).get(concept.code, ())
        return Concept(concept.code, concept.system, names, concept.raw) if names else concept


def _concepts(found: Any, system: str | None, below: str) -> Iterator[Concept]:
    waiting = [found]
    while waiting:
        for raw in waiting.pop():
            if not isinstance(raw, Mapping):
                continue
            code = raw.get("code")
            own = raw.get("system", system)
            if isinstance(code, str) and _is_selectable(raw):
                yield Concept(code, own if isinstance(own, str) else None, _names(raw), raw)
            if isinstance(raw.get(below), list):
                waiting.append(raw[below])


def _list(found: Any) -> Sequence[Any]:
    return found if isinstance(found, list) else ()


def _is_selectable(raw: Mapping[str, Any]) -> bool:
    said = {
        each.get("code"): each.get("valueBoolean")
        for each in _list(raw.get("property"))
        if isinstance(each, Mapping) and isinstance(each.get("code"), str)
    }
    return raw.get("abstract") is not True and said.get("notSelectable") is not True


def _names(raw: Mapping[str, Any]) -> tuple[str, ...]:
    names = [raw.get("display")]
    for each in _list(raw.get("designation")):
        names.append(each.get("value") if isinstance(each, Mapping) else None)
    for each in ext.of(raw.get("_display")):
        names.extend(ext.content(piece) for piece in ext.of(each) if piece.get("url") == "content")
    return tuple(name for name in names if isinstance(name, str) and name)


def resources_folder() -> Path:
    """Where `resources/` is: beside the package in a source tree, inside it in a wheel."""
    package = Path(__file__).parents[1]
    inside = package / "_resources"
    return inside if inside.is_dir() else package.parent / "resources"


@lru_cache(maxsize=1)
def shipped() -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """The code systems and value sets shipped as data, by kind and url."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for file in sorted((resources_folder() / "codesystems").glob("*.json")):
        resource = json.loads(file.read_bytes())
        found[resource["resourceType"], resource["url"]] = resource
    return found


@lru_cache(maxsize=64)
def system_names(system: str) -> Mapping[str, tuple[str, ...]]:
    """The names of every code in a shipped code system."""
    resource = shipped().get(("CodeSystem", system))
    return {each.code: each.names for each in _concepts(resource["concept"], system, "concept")} if resource else {}
