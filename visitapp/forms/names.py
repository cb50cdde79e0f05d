"""The names that expressions use for one another's results: which a questionnaire defines, and which only others can fill."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from visitapp.forms import extensions as ext
from visitapp.forms.items import Expression, Item, expression

FHIRPATH = "text/fhirpath"
SUPPLIED = frozenset(("resource", "rootResource", "context", "questionnaire", "qitem", "ucum", "sct", "loinc"))
# Whoever opens a form may hand these in, whether the form declares them or not.
HANDED_IN = frozenset(("patient", "encounter", "location", "user", "study", "clinical", "practitioner"))
_NAMED = (ext.CALCULATED, ext.INITIAL, ext.ANSWER, ext.ENABLE_WHEN, *ext.POPULATING)
_NAME = re.compile(r"%(?:`([^`]+)`|'([^']+)'|([A-Za-z_]\w*(?:-\w+)*))")
_SPELLED_OUT = {"vs-": "http://hl7.org/fhir/ValueSet/", "ext-": "http://hl7.org/fhir/StructureDefinition/"}


def names_in(text: str) -> set[str]:
    """The names an expression uses, but those that are always there; `spelled` must have gone over it."""
    return {name for name in _all_names(text) - SUPPLIED if not name.startswith(tuple(_SPELLED_OUT))}


def addresses_in(text: str) -> dict[str, str]:
    """FHIR's own short names in an expression and the urls they stand for: `vs-` a value set, `ext-` an extension."""
    found = ((name, start) for name in _all_names(text) for start in _SPELLED_OUT if name.startswith(start))
    return {name: _SPELLED_OUT[start] + name.removeprefix(start) for name, start in found}


def _all_names(text: str) -> set[str]:
    return {first or second or third.partition("-")[0] for first, second, third in _NAME.findall(text)}


def spelled(text: str, hyphenated: frozenset[str]) -> str:
    """The expression with names that hold a hyphen in back-quotes: without them FHIRPath takes it for a minus."""

    def quoted(match: re.Match[str]) -> str:
        marked, plain = match[1] or match[2], match[3]
        if marked:
            return f"%`{marked}`"
        while plain not in hyphenated and "-" in plain:
            plain = plain.rpartition("-")[0]
        rest = match[3][len(plain) :]
        return f"%`{plain}`{rest}" if plain in hyphenated else match[0]

    return _NAME.sub(quoted, text)


class Names:
    """Where each name is defined: the form or an item, whose it is for that item and all below it."""

    def __init__(self, raw: Mapping[str, Any], items: Iterable[Item]) -> None:
        self.launched = frozenset((*HANDED_IN, *_launched(raw)))
        self.elsewhere: set[str] = set(_elsewhere(raw))
        """Names whose value comes from a query, another language or another form: nothing here can work them out."""
        self._by_owner: dict[str, dict[str, Expression]] = {}
        holders = [("", "Questionnaire", raw), *((item.link_id, item.path, item.raw) for item in items if "extension" in item.raw)]
        found = [(owner, each) for owner, path, part in holders for each in _named(part, path)]
        self.hyphenated = frozenset(each.name for _, each in found if each.name and "-" in each.name)
        for owner, each in found:
            if each.name and each.language == FHIRPATH:
                told = Expression(spelled(each.text, self.hyphenated), each.language, each.name, each.place)
                self._by_owner.setdefault(owner, {})[each.name] = told
            elif each.name:
                self.elsewhere.add(each.name)

    def find(self, name: str, item: Item | None) -> tuple[Item | None, Expression] | None:
        """The nearest definition of a name, with the item that has it (None for the form itself)."""
        for owner in (item, *item.ancestors()) if item else ():
            found = self._by_owner.get(owner.link_id, {}).get(name)
            if found is not None:
                return owner, found
        found = self._by_owner.get("", {}).get(name)
        return (None, found) if found is not None else None

    def definitions(self) -> Iterator[tuple[str, Expression]]:
        """Every definition, with the linkId of the item that has it ("" for the form itself)."""
        for owner, named in self._by_owner.items():
            yield from ((owner, found) for found in named.values())

    def unknown(self, text: str, item: Item | None) -> list[str]:
        """The names in an expression that nobody here can fill."""
        return sorted(name for name in names_in(text) - self.launched if self.find(name, item) is None)


def _named(part: Mapping[str, Any], path: str) -> Iterator[Expression]:
    for each in ext.of(part):
        url = each.get("url")
        if url == ext.VARIABLE or url in _NAMED:
            found = expression(ext.content(each), path)
            if found is not None and found.name:
                yield found


def _launched(raw: Mapping[str, Any]) -> Iterator[str]:
    for each in ext.of(raw):
        if each.get("url") == ext.LAUNCH_CONTEXT:
            for piece in ext.of(each):
                said = ext.content(piece)
                if piece.get("url") == "name":
                    name = said.get("code") if isinstance(said, Mapping) else said
                    if isinstance(name, str):
                        yield name


def _elsewhere(raw: Mapping[str, Any]) -> Iterator[str]:
    for each in ext.of(raw):
        said = ext.content(each)
        if each.get("url") in (ext.ASSEMBLE_CONTEXT, ext.ALLOCATE_ID) and isinstance(said, str):
            yield said
        if each.get("url") == ext.SOURCE_QUERIES and isinstance(said, Mapping):
            yield str(said.get("reference", "")).removeprefix("#")
