"""Decides what the connect screen says; knows no Qt."""

from collections.abc import Callable
from typing import Protocol

from visitapp.domain.problems import Problem
from visitapp.ui.roles import Lanes, Navigate, Notices
from visitapp.ui.unlock.saying import service_address
from visitapp.ui.wording import words_for


class ConnectView(Protocol):
    """What the presenter asks of the view."""

    def show_wrong(self, field: str, words: str) -> None:
        """Say what is wrong with "address" or "code"; empty words: nothing."""

    def show_busy(self, busy: bool) -> None:
        """Show that the service is being asked."""

    def show_trouble(self, happened: str, do: str) -> None:
        """Say why it did not work; empty words: nothing is wrong."""


class ConnectPresenter:
    """Takes address and code to the service, and the user to the Sync screen when it worked."""

    def __init__(
        self,
        view: ConnectView,
        *,
        connect: Callable[[str, str], None],
        sync_now: Callable[[], None],
        lanes: Lanes,
        navigate: Navigate,
        notices: Notices,
    ) -> None:
        self._view = view
        self._connect = connect
        self._sync_now = sync_now
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        self._is_busy = False

    def connect(self, typed_address: str, typed_code: str) -> None:
        """Connect, if both can be right."""
        self._view.show_trouble("", "")
        try:
            address = service_address(typed_address)
        except ValueError as wrong:
            self._view.show_wrong("address", str(wrong))
            return
        code = "".join(typed_code.split())
        self._view.show_wrong("address", "")
        self._view.show_wrong("code", "" if code else "Type the enrolment code you were given.")
        if not code or self._is_busy:
            return
        self._is_busy = True
        self._view.show_busy(True)
        self._lanes.on_record(self._view, lambda: self._connect(address, code), self._connected, self._failed)

    def _connected(self, _nothing: None) -> None:
        self._is_busy = False
        self._view.show_busy(False)
        self._sync_now()
        self._notices.tell("This laptop is connected. Your notes are being sent.")
        self._navigate("sync")

    def _failed(self, problem: Problem) -> None:
        self._is_busy = False
        self._view.show_busy(False)
        words = words_for(problem)
        self._view.show_trouble(f"{words.happened} {words.safe}".strip(), words.do)
