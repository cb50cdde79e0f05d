"""The connect screen: what is refused before the service is asked, what is said when it refuses, where it leads."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from visitapp.sync.problems import CodeNotAccepted
from visitapp.ui.connect.presenter import ConnectPresenter
from visitapp.ui.connect.view import ConnectScreen


class Asked:
    def __init__(self) -> None:
        self.with_: list[tuple[str, str]] = []
        self.synced = 0
        self.refuses = False

    def connect(self, address: str, code: str) -> None:
        if self.refuses:
            raise CodeNotAccepted
        self.with_.append((address, code))

    def sync_now(self) -> None:
        self.synced += 1


@pytest.fixture
def service() -> Asked:
    return Asked()


@pytest.fixture
def screen(dressed, qtbot, lanes, told, service) -> ConnectScreen:  # type: ignore[no-untyped-def]
    view = ConnectScreen()
    qtbot.addWidget(view)
    view.presenter = presenter = ConnectPresenter(
        view, connect=service.connect, sync_now=service.sync_now, lanes=lanes, navigate=told, notices=told
    )
    view.asked.connect(presenter.connect)
    view.resize(900, 600)
    view.show()
    view.activateWindow()
    qtbot.waitActive(view)
    view.open()
    return view


def field(screen: ConnectScreen, name: str) -> QLineEdit:
    return next(line for line in screen.findChildren(QLineEdit) if line.accessibleName() == name)


def typed(screen: ConnectScreen, address: str, code: str) -> None:
    QTest.keyClicks(field(screen, "Address of your service"), address)
    QTest.keyClick(field(screen, "Address of your service"), Qt.Key.Key_Return)
    QTest.keyClicks(field(screen, "Enrolment code"), code)
    QTest.keyClick(field(screen, "Enrolment code"), Qt.Key.Key_Return)


def words_on(screen: ConnectScreen) -> str:
    from visitapp.ui.widgets.text import Text

    return " ".join(text.text() for text in screen.findChildren(Text) if text.isVisible())


def test_by_keyboard_alone_it_connects_syncs_and_shows_the_sync_screen(screen, service, told) -> None:  # type: ignore[no-untyped-def]
    typed(screen, "visits.example.org", "ABCD EFGH-JKLM")
    assert service.with_ == [("https://visits.example.org", "ABCDEFGH-JKLM")]
    assert service.synced == 1
    assert told.places == [("sync", "")]


@pytest.mark.parametrize(("address", "code"), [("", "ABCD"), ("http://visits.example.org", "ABCD"), ("visits.example.org", "")])
def test_what_cannot_be_right_is_said_beside_the_field(screen, service, address: str, code: str) -> None:  # type: ignore[no-untyped-def]
    before = words_on(screen)
    typed(screen, address, code)
    assert service.with_ == []
    assert len(words_on(screen)) > len(before)


def test_a_refusal_says_what_happened_and_leaves_everything_as_it_was(screen, service, told) -> None:  # type: ignore[no-untyped-def]
    service.refuses = True
    typed(screen, "visits.example.org", "ABCD-EFGH-JKLM")
    assert "code" in words_on(screen).lower()
    assert told.places == []
    assert field(screen, "Address of your service").text() == "visits.example.org"


def test_a_code_does_not_stay_on_a_screen_that_was_left(screen) -> None:  # type: ignore[no-untyped-def]
    QTest.keyClicks(field(screen, "Enrolment code"), "ABCD")
    screen.leave()
    assert field(screen, "Enrolment code").text() == ""


def test_every_control_has_a_name(screen) -> None:  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QAbstractButton

    controls: list[Callable[[], str]] = [line.accessibleName for line in screen.findChildren(QLineEdit)]
    controls += [button.text for button in screen.findChildren(QAbstractButton) if button.isVisible()]
    assert controls
    assert all(name() for name in controls)
