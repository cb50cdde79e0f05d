"""The command line of the forms: `check` judges questionnaires and responses, `show` prints one line by line."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visitapp.forms import wire
from visitapp.forms.definition import Questionnaire, load_questionnaire
from visitapp.forms.facts import Fact, MalformedQuestionnaire, Severity, has_errors
from visitapp.forms.inspection import unreadable
from visitapp.forms.printing import PrintLine, printable
from visitapp.forms.sentences import sentence
from visitapp.forms.terminology import resources_folder
from visitapp.forms.validation import validate

VALID, INVALID, UNREADABLE = 0, 1, 2
ELSEWHERE = "visitapp forms show --help and visitapp forms pack --help tell of the window, the picture and signed packs."


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found out about one file."""

    facts: Sequence[Fact]
    readable: bool = True

    @property
    def code(self) -> int:
        if not self.readable:
            return UNREADABLE
        return INVALID if has_errors(self.facts) else VALID


def main(argv: list[str]) -> int:
    """Runs one command; gives the exit code: 0 valid, 1 invalid, 2 not readable."""
    arguments = _parser().parse_args(argv)
    if arguments.command == "show":
        return show(arguments.questionnaire, arguments.response, arguments.lang)
    return check(arguments.questionnaire, arguments.response, as_json=arguments.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="visitapp forms", description="Questionnaires on the command line.", epilog=ELSEWHERE)
    commands = parser.add_subparsers(dest="command", required=True)
    judge = commands.add_parser("check", help="judge a questionnaire, or a response to it")
    judge.add_argument("questionnaire", help="a file, a folder, or - for the one that the response names or contains")
    judge.add_argument("--response", type=Path, help="a QuestionnaireResponse to judge")
    judge.add_argument("--json", action="store_true", help="print the verdict as JSON")
    picture = commands.add_parser("show", help="print a form as it is asked, with the answers of a response")
    picture.add_argument("questionnaire", help="a file, or - for the one that the response names or contains")
    picture.add_argument("--response", type=Path, help="a QuestionnaireResponse whose answers to show")
    picture.add_argument("--lang", default="en", help="the language to show it in, such as cy")
    return parser


def show(questionnaire: str, response: Path | None, language: str) -> int:
    """Prints a form line by line, what is not asked left out."""
    given = read_response(response) if response is not None else {}
    form = given if isinstance(given, Judgement) else read_form(questionnaire, given)
    if isinstance(form, Judgement):
        print_words({response or Path(questionnaire): form})
        return form.code
    items = given.get("item") if isinstance(given, Mapping) else None
    _say(form.title_in(language))
    for line in printable(form, items if isinstance(items, list) else (), language):
        _say(_as_text(line))
    return VALID


def _as_text(line: PrintLine) -> str:
    mark = {"heading": "# ", "note": "  ", "question": "- ", "score": "= "}[line.kind]
    said = "…" if line.unanswered and not line.value_text else line.value_text.replace("\n", "; ")
    return f"{'  ' * line.depth}{mark}{line.text}" + (f": {said}" if said else "")


def check(questionnaire: str, response: Path | None, *, as_json: bool) -> int:
    """Judges and prints; `questionnaire` is a path or "-"."""
    if response is not None:
        found = {response: _judge_response(questionnaire, response)}
    elif questionnaire == "-":
        found = {Path("-"): _unreadable("no-response")}
    elif Path(questionnaire).is_dir():
        files = sorted(Path(questionnaire).rglob("*.json"))
        found = {file: _judge_questionnaire(file) for file in files} or {Path(questionnaire): _unreadable("no-json-in-folder")}
    else:
        found = {Path(questionnaire): _judge_questionnaire(Path(questionnaire))}
    code = max(judgement.code for judgement in found.values())
    if as_json:
        _print_json(found, code)
    else:
        print_words(found)
    return code


def _judge_questionnaire(file: Path) -> Judgement:
    read = _read(file)
    if isinstance(read, Judgement):
        return read
    loaded = _load(read)
    return loaded if isinstance(loaded, Judgement) else Judgement((*loaded.facts, *unreadable(loaded)))


def _judge_response(questionnaire: str, file: Path) -> Judgement:
    response = read_response(file)
    if isinstance(response, Judgement):
        return response
    form = read_form(questionnaire, response)
    return form if isinstance(form, Judgement) else Judgement(validate(form, response))


def read_response(file: Path) -> Mapping[str, Any] | Judgement:
    """The response in a file, or why there is none."""
    read = _read(file)
    if isinstance(read, Judgement):
        return read
    try:
        response = wire.parse(read)
    except wire.NotReadable as problem:
        return _unreadable(problem.reason)
    if not isinstance(response, Mapping):
        return _unreadable("not-an-object")
    if response.get("resourceType") != "QuestionnaireResponse":
        return Judgement([_error("notAResponse", found=str(response.get("resourceType"))[:80])])
    return response


def read_form(questionnaire: str, response: Mapping[str, Any]) -> Questionnaire | Judgement:
    """The questionnaire in a file, or with "-" the one that a response names or contains, or why there is none."""
    by = _questionnaire_of(response) if questionnaire == "-" else _read(Path(questionnaire))
    return by if isinstance(by, Judgement) else _load(by)


def _questionnaire_of(response: Mapping[str, Any]) -> Mapping[str, Any] | bytes | Judgement:
    named = response.get("questionnaire")
    name = named if isinstance(named, str) else ""
    parts = response.get("contained")
    contained = [
        part
        for part in (parts if isinstance(parts, list) else ())
        if isinstance(part, Mapping) and part.get("resourceType") == "Questionnaire"
    ]
    url = name.partition("|")[0]
    for part in contained:
        if (name.startswith("#") and part.get("id") == name[1:]) or (url and part.get("url") == url):
            return part
    if len(contained) == 1 and not name:
        return contained[0]
    for file in sorted((resources_folder() / "questionnaires").glob("*.json")) if url else ():
        read = file.read_bytes()
        shipped = json.loads(read)
        if shipped.get("url") == url and name in (url, f"{url}|{shipped.get('version')}"):
            return read
    return Judgement([_error("questionnaireNotFound", found=name[:300])])


def _load(raw: Mapping[str, Any] | bytes) -> Questionnaire | Judgement:
    try:
        return load_questionnaire(raw)
    except MalformedQuestionnaire as problem:
        return Judgement(problem.facts, readable=all(fact.rule != "notReadable" for fact in problem.facts))


def _read(file: Path) -> bytes | Judgement:
    try:
        if file.stat().st_size > wire.MAX_BYTES:
            return _unreadable("too-large")
        return file.read_bytes()
    except (OSError, ValueError):
        return _unreadable("no-such-file")


def _unreadable(reason: str) -> Judgement:
    return Judgement([_error("notReadable", reason=reason)], readable=False)


def _error(rule: str, **detail: Any) -> Fact:
    return Fact(Severity.ERROR, rule, None, "", detail, structural=True)


def _print_json(found: Mapping[Path, Judgement], code: int) -> None:
    problems = [
        _as_json(fact) | ({"file": str(file)} if len(found) > 1 else {})
        for file, judgement in found.items()
        for fact in judgement.facts
    ]
    verdict: dict[str, Any] = {"valid": code == VALID, "problems": problems}
    if len(found) > 1:
        verdict["files"] = [{"file": str(file), "valid": each.code == VALID} for file, each in found.items()]
    _say(json.dumps(verdict, ensure_ascii=False, indent=1, default=str))


def _as_json(fact: Fact) -> dict[str, Any]:
    return {
        "severity": fact.severity.value,
        "rule": fact.rule,
        "linkId": fact.link_id,
        "path": fact.path,
        "text": sentence(fact),
    }


def print_words(found: Mapping[Path, Judgement]) -> None:
    """Prints what was found out about each file."""
    verdicts = {VALID: "valid", INVALID: "not valid", UNREADABLE: "not readable"}
    for file, judgement in found.items():
        _say(f"{file}: {verdicts[judgement.code]}")
        for fact in judgement.facts[:50]:
            _say(f"  {fact.severity.value}: {sentence(fact)}  [{fact.rule}, {fact.path or '-'}]")
        if len(judgement.facts) > 50:
            _say(f"  and {len(judgement.facts) - 50} more; --json has all of them")


def _say(text: str) -> None:
    # A form may hold halves of characters, which no terminal takes.
    print(text.encode("utf-8", "backslashreplace").decode())
