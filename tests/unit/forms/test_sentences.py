"""Every rule code the engine can give has a sentence, and every sentence a rule."""

import ast
import re
from pathlib import Path

from visitapp.forms import Fact, Severity
from visitapp.forms.sentences import REASONS, SENTENCES, sentence

PACKAGE = Path(__file__).parents[3] / "visitapp"
JUDGES = [*(PACKAGE / "forms").glob("*.py"), PACKAGE / "actions" / "questionnaires.py", PACKAGE / "actions" / "shelf.py"]
MAKERS = {"at_spot": 1, "at_answer": 2, "_fact": 0, "fact": 1, "error": 0, "_error": 0, "_add": 0, "_doubt": 0, "Fact": 1, "ExpressionError": 0}
# Built from another word: bounds gives minValue and maxValue, with IncompatUnits where units can't be compared.
COMPOSED = {"minValue", "maxValue", "minValueIncompatUnits", "maxValueIncompatUnits", "invalidUnit", "invalidUnitValueSet"}


def given() -> set[str]:
    found: set[str] = set()
    for file in JUDGES:
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            at = MAKERS.get(name)
            if at is not None and len(node.args) > at:
                rule = node.args[at]
                if isinstance(rule, ast.Constant) and isinstance(rule.value, str):
                    found.add(rule.value)
    return found


def test_each_rule_has_a_sentence_and_each_sentence_a_rule() -> None:
    assert len(given()) > 60
    assert given() | COMPOSED == set(SENTENCES)


def test_a_sentence_names_the_item_and_its_figures() -> None:
    fact = Fact(Severity.ERROR, "maxLength", "q", "", {"max": 3, "length": 5})
    assert sentence(fact) == "q: at most 3 characters, found 5"
    assert sentence(Fact(Severity.ERROR, "maxLength", None)) == "at most  characters, found"


def test_each_reason_has_words() -> None:
    found: set[str] = set()
    for file in JUDGES:
        found.update(re.findall(r'(?:reason=|NotReadable\(|_unreadable\()"([a-zA-Z0-9-]+)"', file.read_text()))
    assert found == set(REASONS)
    told = sentence(Fact(Severity.ERROR, "notReadable", None, "", {"reason": "xml"}))
    assert told == "not readable: it is XML; here FHIR's JSON is read"
