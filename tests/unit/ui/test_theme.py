"""The theme files: every role there, and every pair readable."""

from pathlib import Path

import pytest

from visitapp.ui import theme
from visitapp.ui.style import style_sheet

RESOURCES = Path(__file__).parents[3] / "resources"
THEMES = sorted((RESOURCES / "themes").glob("*.json"))
TEXT = [
    *((ink, ground) for ink in ("ink", "muted", "accent") for ground in ("background", "surface", "sunken")),
    *((tone, ground) for tone in ("success", "attention", "danger") for ground in ("background", "surface")),
    *((tone, f"{tone}_soft") for tone in ("accent", "success", "attention", "danger", "teal", "amber", "violet", "rose")),
    *(("ink", f"{tone}_soft") for tone in ("accent", "success", "attention", "danger", "teal", "amber", "violet", "rose")),
    *(("muted", f"{tone}_soft") for tone in ("accent", "success", "attention", "danger")),
    ("accent_strong", "accent_soft"),
    ("on_accent", "accent"),
    ("on_accent", "accent_strong"),
    ("surface", "ink"),
    ("surface", "muted"),
]
CONTROLS = [(line, ground) for line in ("control", "accent", "focus") for ground in ("background", "surface")]


@pytest.mark.parametrize("path", THEMES, ids=lambda path: path.stem)
class TestEveryTheme:
    @pytest.mark.parametrize(("ink", "ground"), TEXT)
    def test_text_stands_out_at_least_four_and_a_half_times(self, path, ink, ground):
        roles = theme.load_theme(path).roles
        assert theme.contrast(roles[ink], roles[ground]) >= 4.5

    @pytest.mark.parametrize(("line", "ground"), CONTROLS)
    def test_controls_and_focus_stand_out_at_least_three_times(self, path, line, ground):
        roles = theme.load_theme(path).roles
        assert theme.contrast(roles[line], roles[ground]) >= 3

    def test_style_sheet_has_a_colour_for_every_role_it_names(self, path):
        sheet = style_sheet(theme.load_theme(path).roles, "tick.svg", "down.svg")
        assert "$" not in sheet

    def test_pictures_the_style_sheet_needs_are_there(self, path):
        look = theme.load_theme(path)
        assert all((look.marks / f"{name}-{look.name}.svg").is_file() for name in ("tick", "down"))


def test_black_on_white_is_twenty_one_to_one():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)


def test_a_theme_that_lacks_a_role_is_refused(tmp_path):
    path = tmp_path / "bare.json"
    path.write_text('{"name": "bare", "words": "Bare", "roles": {"ink": "#000000"}}')
    with pytest.raises(ValueError, match="surface"):
        theme.load_theme(path)


def test_light_and_dark_are_told_apart():
    found = theme.themes_in(RESOURCES / "themes")
    assert next(iter(found)) == "light"
    assert found["dark"].is_dark
    assert not found["light"].is_dark
