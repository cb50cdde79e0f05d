"""The unlock window on a real vault and real threads: it opens, refuses, and never stands still while it derives."""

import time

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel

from visitapp.domain.clock import SystemClock
from visitapp.ui.background import BackgroundLanes
from visitapp.ui.unlock.presenter import UnlockPresenter
from visitapp.ui.unlock.saying import Standing
from visitapp.ui.unlock.view import UnlockView, join
from visitapp.vault.keys import STANDARD
from visitapp.vault.secrets import FileSecretStore
from visitapp.vault.vault import Vault

PASSPHRASE = "kettle harbour violin moss"
LONGEST_STALL = 0.5
"""Share of the whole wait; a derivation on the main thread would stand still for nearly all of it."""


class VaultDoors:
    """Opens a vault as the program does, with the cost of a guess that real vaults have."""

    def __init__(self, folder, store):
        self._folder = folder
        self._store = store

    def unlock(self, user, passphrase):
        return Vault.open(self._folder, passphrase, self._store, clock=SystemClock())

    def connect(self, address, code, user, passphrase):
        return Vault.create(self._folder, passphrase, self._store, clock=SystemClock(), user=user)

    def practise(self):
        raise NotImplementedError

    def use_spare(self, user):
        Vault.use_spare(self._folder, self._store)


class Pulse:
    """Finds the longest time for which the main thread did not come round."""

    def __init__(self):
        self.longest_s = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=5)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self):
        now = time.perf_counter()
        self.longest_s, self._last = max(self.longest_s, now - self._last), now


@pytest.fixture
def scene(dressed, qtbot, tmp_path):
    store = FileSecretStore(tmp_path / "secrets.json")
    folder = tmp_path / "vault"
    opened = []
    lanes = BackgroundLanes()

    def start(*, has_vault):
        if has_vault:
            Vault.create(folder, bytearray(PASSPHRASE.encode()), store, clock=SystemClock(), kdf=STANDARD).close()
        view = UnlockView()
        qtbot.addWidget(view)
        presenter = UnlockPresenter(
            view, VaultDoors(folder, store), lanes, Standing(has_vault=has_vault, is_reduced=True), opened.append
        )
        join(view, presenter)
        presenter.start()
        view.show()
        qtbot.waitExposed(view)
        return view, opened

    yield start
    lanes.close()
    for vault in opened:
        vault.close()


def said(view):
    return " ".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())


def unlock(view, qtbot, passphrase):
    view.unlock._user_line.setText("gwen")
    qtbot.keyClicks(view.unlock._passphrase.line, passphrase)
    qtbot.keyClick(view.unlock._passphrase.line, Qt.Key.Key_Return)


def test_a_wrong_passphrase_is_refused_and_the_right_one_opens_without_a_stall(scene, qtbot):
    view, opened = scene(has_vault=True)
    unlock(view, qtbot, "wrong")
    assert "Unlocking…" in said(view)
    qtbot.waitUntil(lambda: "not right" in said(view), timeout=20_000)
    pulse, begun = Pulse(), time.perf_counter()
    unlock(view, qtbot, PASSPHRASE)
    qtbot.waitUntil(lambda: bool(opened), timeout=20_000)
    waited_s = time.perf_counter() - begun
    assert len(opened[0].db_key()) == 32
    assert pulse.longest_s < LONGEST_STALL * waited_s


def test_a_new_record_is_made_from_the_first_start(scene, qtbot):
    view, opened = scene(has_vault=False)
    qtbot.mouseClick(view.welcome._connect.button, Qt.MouseButton.LeftButton)
    for words in ("visits.example.org", "A1B2"):
        qtbot.keyClicks(view.focusWidget(), words)
        qtbot.keyClick(view.focusWidget(), Qt.Key.Key_Return)
    view.choose._user_line.setText("gwen")
    qtbot.keyClicks(view.choose._passphrase.line, PASSPHRASE)
    qtbot.waitUntil(lambda: "Strong" in said(view), timeout=20_000)
    qtbot.keyClicks(view.choose._again.line, PASSPHRASE)
    qtbot.keyClick(view.choose._again.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(opened), timeout=20_000)
    assert opened[0].kdf.memory_kib >= 64 * 1024
    assert all(line.text() == "" for line in (view.choose._passphrase.line, view.choose._again.line))
