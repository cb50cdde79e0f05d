"""The one table that picks a widget for a question, by its type and, where one is asked for, its itemControl."""

from visitapp.forms.extensions import ANSWER
from visitapp.forms.filling import Row
from visitapp.ui.checklist.questions.attached import AttachmentQuestion, ReferenceQuestion
from visitapp.ui.checklist.questions.boolean import BooleanQuestion
from visitapp.ui.checklist.questions.choice import ChoiceQuestion, TicksQuestion, is_long_list, is_too_long_for_buttons
from visitapp.ui.checklist.questions.group import GroupHeading, NothingToChoose, Paragraph, Unanswerable
from visitapp.ui.checklist.questions.lines import TYPES, LinesQuestion
from visitapp.ui.checklist.questions.lists import ListQuestion, PersonQuestion, SeveralQuestion
from visitapp.ui.checklist.questions.matrix import MatrixQuestion, is_line_of_table
from visitapp.ui.checklist.questions.number import NumberQuestion, QuantityQuestion
from visitapp.ui.checklist.questions.question import Question
from visitapp.ui.checklist.questions.slider import SliderQuestion
from visitapp.ui.checklist.questions.text import LineQuestion, TextQuestion
from visitapp.ui.checklist.questions.when import DateQuestion, MomentQuestion, TimeQuestion

WIDGETS: dict[tuple[str, str], type[Question]] = {
    ("group", ""): GroupHeading,
    ("display", ""): Paragraph,
    ("question", ""): Paragraph,
    ("boolean", ""): BooleanQuestion,
    ("choice", ""): ChoiceQuestion,
    ("choice", "drop-down"): ListQuestion,
    ("choice", "autocomplete"): ListQuestion,
    ("choice", "check-box"): TicksQuestion,
    ("open-choice", ""): ChoiceQuestion,
    ("open-choice", "drop-down"): ListQuestion,
    ("open-choice", "autocomplete"): ListQuestion,
    ("open-choice", "check-box"): TicksQuestion,
    ("string", ""): LineQuestion,
    ("string", "text-area"): TextQuestion,
    ("text", ""): TextQuestion,
    ("url", ""): LineQuestion,
    ("integer", ""): NumberQuestion,
    ("integer", "slider"): SliderQuestion,
    ("decimal", ""): NumberQuestion,
    ("decimal", "slider"): SliderQuestion,
    ("quantity", ""): QuantityQuestion,
    ("quantity", "slider"): SliderQuestion,
    ("date", ""): DateQuestion,
    ("time", ""): TimeQuestion,
    ("dateTime", ""): MomentQuestion,
    ("attachment", ""): AttachmentQuestion,
    ("reference", ""): ReferenceQuestion,
}


def widget_for(row: Row) -> type[Question]:
    """The class of widget that shows a row; a kind nobody can answer here gets one that says so."""
    kind, control = row.item.type, row.item.control or ""
    if row.item.repeats and kind in TYPES:
        return LinesQuestion
    if kind in ("choice", "open-choice") and (found := _for_choices(row, kind, control)) is not None:
        return found
    if kind == "reference" and row.options:
        return PersonQuestion
    return WIDGETS.get((kind, control)) or WIDGETS.get((kind, "")) or Unanswerable


def _for_choices(row: Row, kind: str, control: str) -> type[Question] | None:
    found: type[Question] | None = None
    if kind == "choice" and has_nothing_to_choose(row):
        found = NothingToChoose
    elif row.item.repeats:
        found = SeveralQuestion if is_too_long_for_buttons(row) else TicksQuestion
    elif is_too_long_for_buttons(row):
        found = ListQuestion
    elif kind == "choice" and is_line_of_table(row):
        found = MatrixQuestion
    elif control not in ("radio-button", "radio") and is_long_list(row):
        found = ListQuestion
    return found


def has_nothing_to_choose(row: Row) -> bool:
    """Whether no answers are offered and none can come of what is answered elsewhere."""
    return not row.options and row.item.extension(ANSWER) is None
