"""A folder that cannot be written to is told in words, by the tour and by the rehearsal."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from visitapp.rehearsal import side_by_side, tour


@pytest.mark.parametrize(("door", "option"), [(tour.main, "--out"), (side_by_side.main, "--data")])
def test_a_folder_below_a_file_is_refused_in_words(
    door: Callable[[Sequence[str]], int], option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    assert door([option, str(file / "below")]) == 2
    assert "Choose another folder." in capsys.readouterr().out
