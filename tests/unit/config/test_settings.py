"""Settings survive what happens to files, and a damaged one costs no more than itself."""

import json
from dataclasses import replace

import pytest

from visitapp.config.problems import SettingsDamaged
from visitapp.config.settings import Settings, load_settings, save_settings


@pytest.fixture
def path(tmp_path):
    return tmp_path / "settings.json"


def test_no_file_means_defaults_and_no_complaint(path):
    assert load_settings(path) == (Settings(), None)


def test_what_was_saved_is_read_again(path):
    chosen = Settings(theme="dark", text_size="largest", language="cy", idle_minutes=10, server="https://x.example")
    save_settings(path, chosen)
    assert load_settings(path) == (chosen, None)
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("raw", [b"", b"\xff\x00", b"[]", b'"dark"', b'{"theme": "da', b"[" * 100_000, b"x" * 300_000])
def test_a_damaged_file_gives_defaults_says_so_and_is_kept(path, raw):
    path.write_bytes(raw)
    settings, damage = load_settings(path)
    assert settings == Settings()
    assert damage == SettingsDamaged(is_kept=True)
    save_settings(path, settings)
    assert path.with_name("settings.damaged-1.json").read_bytes() == raw


def test_a_second_damaged_file_does_not_replace_the_first(path):
    for raw in (b"one", b"two"):
        path.write_bytes(raw)
        load_settings(path)
    assert [path.with_name(f"settings.damaged-{n}.json").read_bytes() for n in (1, 2)] == [b"one", b"two"]


def test_one_wrong_value_costs_that_value_only(path):
    path.write_text(json.dumps({"theme": "pink", "idle_minutes": True, "text_size": "large", "language": 7}))
    settings, damage = load_settings(path)
    assert settings == Settings(text_size="large")
    assert damage is not None
    assert set(damage.keys) == {"theme", "idle_minutes", "language"}


@pytest.mark.parametrize(("minutes", "expected"), [(0, 5), (1, 1), (10, 10), (11, 5), (5.0, 5), ("3", 5)])
def test_idle_time_stays_within_policy(path, minutes, expected):
    path.write_text(json.dumps({"idle_minutes": minutes}))
    assert load_settings(path)[0].idle_minutes == expected


def test_keys_of_a_newer_version_survive_a_save(path):
    path.write_text(json.dumps({"theme": "dark", "dictation": {"on": True}}))
    settings, damage = load_settings(path)
    assert damage is None
    save_settings(path, replace(settings, theme="light"))
    assert json.loads(path.read_text())["dictation"] == {"on": True}


def test_an_unreadable_file_is_told_and_left_alone(tmp_path):
    (tmp_path / "settings.json").mkdir()
    assert load_settings(tmp_path / "settings.json") == (Settings(), SettingsDamaged())


def test_a_diagnosis_leaves_a_damaged_file_where_it_is(path):
    path.write_bytes(b"cut")
    assert load_settings(path, only_look=True) == (Settings(), SettingsDamaged(is_kept=True))
    assert path.read_bytes() == b"cut"
