"""What PySide6 takes from None and True is not missed."""

import subprocess
import sys

HUNDRED_THOUSAND_CALLS = """
import visitapp.ui
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLabel
class Bell(QObject):
    rung = Signal(bool)
app, label, bell = QApplication([]), QLabel(), Bell()
for number in range(100_000):
    label.setText("a")
    bell.rung.emit(True)
print("alive")
"""


def test_a_hundred_thousand_calls_leave_none_and_true_alive():
    ran = subprocess.run([sys.executable, "-c", HUNDRED_THOUSAND_CALLS], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout.strip()) == (0, "alive"), ran.stderr
