"""What decides knows no Qt: every presenter, and what it leans on, loads without PySide6."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
QT_FREE = ("form", "roles", "wording", "due", "days", "family/page", "family/forms", "family/person_forms", "family/form_presenter",
           "family/form_pages", "sync/sentence", "sync/status")  # fmt: skip
MODULES = sorted(
    {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in (ROOT / "visitapp/ui").rglob("*presenter.py")}
    | {f"visitapp.ui.{name.replace('/', '.')}" for name in QT_FREE}
)
CODE = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    if any(module.split(".")[0] in ("PySide6", "shiboken6") for module in sys.modules):
        print(name)
        break
"""


def test_no_presenter_brings_qt():
    ran = subprocess.run([sys.executable, "-c", CODE, *MODULES], capture_output=True, text=True, timeout=120, check=True)
    assert ran.stdout.strip() == "", f"{ran.stdout.strip()} imports Qt"


@pytest.mark.parametrize("name", MODULES)
def test_every_presenter_is_there(name):
    assert (ROOT / f"{name.replace('.', '/')}.py").is_file()
