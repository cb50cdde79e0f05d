"""What the help pages on writing and sharing a checklist say is so: its example is valid, is shown, and becomes a pack."""

import json
import re
from pathlib import Path
from typing import Any

from visitapp.__main__ import USAGE
from visitapp.actions.packing import main as pack
from visitapp.forms import Filling, load_questionnaire
from visitapp.forms.door import main as forms
from visitapp.forms.values import Coding

HELP = Path(__file__).parents[3] / "resources" / "help"
PAGE = "\n".join((HELP / f"{name}.md").read_text("utf-8") for name in ("write-your-own-checklist", "share-a-checklist"))
BLOCKS: list[dict[str, Any]] = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def the_whole_file() -> dict[str, Any]:
    return next(block for block in BLOCKS if block.get("resourceType") == "Questionnaire" and block["item"])


def test_the_worked_example_is_valid_without_a_doubt() -> None:
    assert load_questionnaire(the_whole_file()).facts == ()


def test_the_worked_example_asks_what_the_page_says() -> None:
    filling = Filling(load_questionnaire(the_whole_file()))
    assert filling.questionnaire.item("water").hint == "Warm, not hot: about 37 degrees."  # type: ignore[union-attr]
    assert not filling.values("advice")
    assert "advice" not in {row.item.link_id for row in filling.rows()}
    filling.answer("water", (Coding(code="not-tried"),))
    assert "advice" in {row.item.link_id for row in filling.rows()}


def test_the_pieces_of_the_page_are_pieces_of_the_whole() -> None:
    whole = json.dumps(the_whole_file())
    pieces = [block for block in BLOCKS if "linkId" in block]
    assert len(pieces) == 3
    assert all(f'"linkId": "{piece["linkId"]}"' in whole for piece in pieces)


def test_the_commands_of_the_page_do_what_it_says(tmp_path: Path) -> None:
    manifest = next(block for block in BLOCKS if "effective_from" in block)
    file = tmp_path / "bath-time.json"
    file.write_text(json.dumps(the_whole_file()))
    assert forms(["check", str(file)]) == 0
    (tmp_path / "pack.json").write_text(json.dumps(manifest))
    assert pack([str(tmp_path), "--key", str(tmp_path / "key")]) == 0
    made = tmp_path / "bath-time-1.0.0.pack"
    assert made.name in PAGE
    assert pack([str(made)]) == 0


def test_every_command_of_the_page_is_one() -> None:
    named = set(re.findall(r"`visitapp (forms \w+)", PAGE))
    assert named == {"forms check", "forms show", "forms pack"}
    assert all(f"visitapp {command}" in USAGE for command in named)
    assert "publish-pack" in PAGE
