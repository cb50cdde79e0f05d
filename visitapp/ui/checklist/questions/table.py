"""The one table that picks a widget for a question, by its type and, where one is asked for, its itemControl."""

from visitapp.forms.filling import Row
from visitapp.ui.checklist.questions.attached import AttachmentQuestion, ReferenceQuestion
from visitapp.ui.checklist.questions.boolean import BooleanQuestion
from visitapp.ui.checklist.questions.choice import ChoiceQuestion, TicksQuestion, is_long_list
from visitapp.ui.checklist.questions.group import GroupHeading, Paragraph, Unanswerable
from visitapp.ui.checklist.questions.lines import TYPES, LinesQuestion
from visitapp.ui.checklist.questions.lists import ListQuestion, PersonQuestion
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
    if kind in ("choice", "open-choice"):
        if row.item.repeats:
            return TicksQuestion
        if kind == "choice" and is_line_of_table(row):
            return MatrixQuestion
        if control not in ("radio-button", "radio") and is_long_list(row):
            return ListQuestion
    if kind == "reference" and row.options:
        return PersonQuestion
    return WIDGETS.get((kind, control)) or WIDGETS.get((kind, "")) or Unanswerable
