"""The tour is a system test: the whole job by real events, and afterwards not a word of it in clear on the laptops."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.leaks import encodings_of, files_below

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def toured() -> Iterator[tuple[Path, dict[str, object]]]:
    # A folder that PostgreSQL's own user may pass through, so that its cluster lies in it and goes with it.
    base = Path(tempfile.mkdtemp(prefix="visitapp-tour-"))
    base.chmod(0o711)
    home, temporary, out = base / "home", base / "tmp", base / "out"
    home.mkdir()
    temporary.mkdir(mode=0o777)
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(temporary), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-m", "visitapp", "tour", "--out", str(out), "--size", "small"],
        env=environment, capture_output=True, text=True, timeout=560, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    yield base, json.loads((out / "tour.json").read_text("utf-8"))
    shutil.rmtree(base, ignore_errors=True)


def test_nurse_server_and_supervisor_hold_the_same_signed_visit(toured: tuple[Path, dict[str, object]]) -> None:
    _, report = toured
    hashes = report["hashes"]
    assert isinstance(hashes, dict)
    assert set(hashes) == {"nurse", "server", "supervisor"}
    assert len(set(hashes.values())) == 1
    assert len(hashes["nurse"]) == hashlib.sha256().digest_size * 2


def test_a_routine_visit_takes_no_more_than_25_actions(toured: tuple[Path, dict[str, object]]) -> None:
    _, report = toured
    assert isinstance(report["actions"], int)
    assert 10 <= report["actions"] <= 25


def test_pictures_pdfs_and_data_are_where_the_report_says(toured: tuple[Path, dict[str, object]]) -> None:
    _, report = toured
    for key, least in (("screenshots", 40), ("pdfs", 2), ("data", 3)):
        paths = report[key]
        assert isinstance(paths, list)
        assert len(paths) >= least
        assert all(Path(path).exists() for path in paths)
    assert any("dark" in path for path in report["screenshots"])
    assert str(report["server"]).split(".")[0].isdecimal()


def test_the_professional_copy_holds_every_word_of_the_narrative(toured: tuple[Path, dict[str, object]]) -> None:
    _, report = toured
    copy = next(path for path in report["pdfs"] if "professional" in path)
    text = subprocess.run(["pdftotext", copy, "-"], capture_output=True, text=True, check=True).stdout
    assert " ".join(str(report["narrative"]).split()) in " ".join(text.split())


def test_no_word_lies_in_clear_on_the_laptops(toured: tuple[Path, dict[str, object]]) -> None:
    """Searches data folders, HOME and temp for what was typed, for names and the passphrase, in five encodings."""
    base, report = toured
    sentence = str(report["narrative"])
    canaries = [sentence[:40], "saucepan lid", "Łukaszewicz", "Larkspur Court", str(report["passphrase"]), "Chidi Okafor"]
    needles = {encoded: canary for canary in canaries for encoded in encodings_of(canary)}
    data = [Path(path) for path in report["data"]]
    folders = [folder for folder in data if folder.name != "server"] + [base / "home", base / "tmp"]
    looked_at = 0
    for path in files_below(*folders):
        raw = path.read_bytes()
        looked_at += 1
        found = [canary for needle, canary in needles.items() if needle in raw]
        assert not found, (path, found)
        assert not raw.startswith(b"SQLite format 3"), path
    assert looked_at > 5


def test_the_search_for_words_in_clear_would_find_them(tmp_path: Path) -> None:
    for number, encoded in enumerate(encodings_of("saucepan lid")):
        (tmp_path / str(number)).write_bytes(b"before" + encoded + b"after")
    found = [path for path in files_below(tmp_path) if any(e in path.read_bytes() for e in encodings_of("saucepan lid"))]
    assert len(found) == len(encodings_of("saucepan lid"))
