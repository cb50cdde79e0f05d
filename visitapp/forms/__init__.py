"""The questionnaire engine: a FHIR R4 Questionnaire in, judged answers out.

What belongs here: reading a Questionnaire and saying what in it is not supported, the tree of answers, which
questions apply (`enableWhen` and expressions), every rule an answer can break, scores, what prints, what is extracted,
and packs of questionnaires. What doesn't: wording for people (a `Fact` has a rule code and details, the sentence is the
screen's business), Qt, SQL, files and the network.

Decision: one tree (`answers.py`) and one list of rules (`rules.py`) serve the nurse's screen, the moment of signing and
the server. Context: a rule written twice is a rule that differs on the day it matters. Consequence: the tree has to
accept hostile or broken responses and say what is wrong with them, so it is built leniently and judged strictly. The
JSON as it came is kept beside what was understood, so that nothing unknown is lost on the way through.

Decision: FHIRPath runs in this process, bounded in time by a second thread and in size by counting each step, rather
than in a process of its own. Context: a calculation has to follow a keystroke within a frame. Consequence: an expression
that only names items by linkId never searches for them (`shortcuts.py`), and only what looks at a changed answer is
evaluated again (`formulas.py`, `settling.py`); what goes in a circle is reported when the form is loaded.

Decision: what only others could supply (the answer of a query, a list of codes on a server, an expression in another
language) is named as a warning when a form is loaded, and what depends on it stays empty and open. Context: forms
written for other programs are full of it, and most of their questions can be asked all the same. Consequence: a form is
refused only where it is of another version of FHIR, breaks R4, or says itself that it must not be used by who does not
understand it (modifier extensions, implicit rules).

A question keeps its place ("plan-item[1]/plan-what": the repeating groups and questions above it, each occurrence by a
number that is never given twice) while others come and go, so that a screen can hold on to it.
"""

from visitapp.forms.calculation import LaunchContext
from visitapp.forms.definition import Questionnaire, load_questionnaire
from visitapp.forms.facts import Fact, MalformedQuestionnaire, Severity
from visitapp.forms.filling import Filling
from visitapp.forms.items import Item, Option
from visitapp.forms.library import Library
from visitapp.forms.rows import Place, Progress, Row
from visitapp.forms.scoring import Band, Score
from visitapp.forms.validation import validate
from visitapp.forms.values import (
    Attachment,
    Coding,
    PartialDate,
    PartialDateTime,
    Quantity,
    Reference,
    TimeOfDay,
    Url,
    Value,
)

__all__ = [
    "Attachment",
    "Band",
    "Coding",
    "Fact",
    "Filling",
    "Item",
    "LaunchContext",
    "Library",
    "MalformedQuestionnaire",
    "Option",
    "PartialDate",
    "PartialDateTime",
    "Place",
    "Progress",
    "Quantity",
    "Questionnaire",
    "Reference",
    "Row",
    "Score",
    "Severity",
    "TimeOfDay",
    "Url",
    "Value",
    "load_questionnaire",
    "validate",
]
