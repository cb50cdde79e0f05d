"""The background thread that keeps record and server level: after changes, every few minutes, on command."""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from visitapp.domain.clock import Clock
from visitapp.domain.problems import Problem
from visitapp.store.changes import Changes
from visitapp.store.outbox import sync_counts
from visitapp.store.problems import RecordClosed
from visitapp.store.record import Record
from visitapp.store.rows import SyncCounts
from visitapp.store.search import merge
from visitapp.sync.anchoring import leave_anchor
from visitapp.sync.client import Client, monotonic, wait_s
from visitapp.sync.exchange import ExchangeResult, run_exchange
from visitapp.sync.problems import DeviceBlocked, DeviceUnknown, ServiceUnreachable, UpdateNeeded, WipeOrdered
from visitapp.sync.state import Blocked, Idle, NeedsSignIn, NotConnected, Offline, OutOfDate, SyncState, Trouble, Working

_log = logging.getLogger(__name__)

EVERY_S: Final = 5 * 60.0
QUIET_S: Final = 2.0
STOP_S: Final = 2.0
_MUCH: Final = 200
_PIECE_PAGES: Final = 256


@dataclass(frozen=True)
class Pace:
    """When the loop acts: every so often, how long after the last change, and how long a stop may take; seconds."""

    every_s: float = EVERY_S
    quiet_s: float = QUIET_S
    stop_s: float = STOP_S


class Custody(Protocol):
    """Whoever answers for what laptop and service owe each other beside records; called on the loop's thread."""

    def before(self, client: Client) -> None:
        """Say to the client which lease is held."""

    def after(self, client: Client) -> None:
        """Take in what the service told beside its answers. Raises problems, which are tried again with the next exchange."""

    def ordered(self, order: str) -> None:
        """Take in an order to wipe, if it is the service's; it is carried out when the loop has stopped. Raises WipeRefused."""


class SyncLoop:
    """Runs one exchange at a time on a thread of its own and says what it is doing.

    `client_factory` gives a client, or None as long as the record is not connected to a service; it is asked before each exchange
    until it gives one. `on_state` is called on the loop's thread. `family_is_open` keeps a family that somebody is looking at from
    being purged.
    """

    def __init__(
        self,
        record: Record,
        client_factory: Callable[[], Client | None],
        clock: Clock,
        on_state: Callable[[SyncState], None],
        *,
        user: str = "",
        family_is_open: Callable[[str], bool] = lambda family: False,
        pace: Pace = Pace(),
        custody: Custody | None = None,
    ) -> None:
        self._record = record
        self._client_factory = client_factory
        self._clock = clock
        self._on_state = on_state
        self._user = user
        self._family_is_open = family_is_open
        self._pace = pace
        self._custody = custody
        self._client: Client | None = None
        self._wake = threading.Event()
        self._now = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._retry = 0
        self._offline_since: datetime | None = None
        self.state: SyncState = NotConnected()

    def start(self) -> None:
        """Begin; the first exchange starts at once."""
        if self._thread is not None:
            return
        self._unsubscribe = self._record.changes.subscribe(self._heard)
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def sync_now(self) -> None:
        """Have an exchange run as soon as the present one is over; returns at once."""
        self._now.set()
        self._wake.set()

    def stop(self) -> None:
        """End, giving an exchange on its way a moment to finish its step. Safe to call twice."""
        self._stopping.set()
        self._unsubscribe()
        self._wake.set()
        if self._thread is None:
            return
        self._thread.join(self._pace.stop_s)
        if self._thread.is_alive() and self._client is not None:
            # Breaks the request that it is waiting in; every finished step is already in the record.
            self._client.close()
            self._thread.join(self._pace.stop_s)
        if not self._thread.is_alive() and self._client is not None:
            self._client.close()

    def _heard(self, changes: Changes) -> None:
        # The exchange's own writes are announced on this thread; they are no reason for another one.
        if changes.sync and threading.current_thread() is not self._thread:
            self._wake.set()

    def _run(self) -> None:
        wait = 0.0
        while not self._stopping.is_set():
            self._rest(wait)
            if self._stopping.is_set():
                return
            try:
                wait = self._once()
            except RecordClosed:
                return
            except Problem as problem:
                wait = self._put_off(problem, 0)
            except Exception as bug:  # noqa: BLE001
                _log.error("an exchange failed: %s", type(bug).__name__)
                wait = self._put_off(Problem(), 0)

    def _rest(self, wait: float) -> None:
        """Wait until it is time, somebody asks, or changes have come to rest; while backing off, changes cut nothing short."""
        until = monotonic() + wait
        while not self._called() and (left := until - monotonic()) > 0:
            if not self._wake.wait(left):
                break
            self._wake.clear()
            if self._retry:
                continue
            while not self._called() and monotonic() < until and self._wake.wait(self._pace.quiet_s):
                self._wake.clear()
            break
        self._now.clear()

    def _called(self) -> bool:
        return self._now.is_set() or self._stopping.is_set()

    def _once(self) -> float:
        """One exchange; returns the seconds to wait before the next."""
        if self._record.rolled_back is not None:
            # An older copy must not lay its changes over what the server has of the newer one.
            return self._put_off(self._record.rolled_back, 0)
        if self._client is None:
            self._client = self._client_factory()
        if self._client is None:
            self._show(NotConnected())
            return self._pace.every_s
        if self._custody is not None:
            self._custody.before(self._client)
        result = run_exchange(
            self._record,
            self._client,
            user=self._user,
            on_step=self._show,
            should_stop=self._stopping.is_set,
            may_purge=lambda family: not self._family_is_open(family),
        )
        if self._custody is not None and not self._stopping.is_set():
            self._custody.after(self._client)
        if result.complete and not self._stopping.is_set():
            leave_anchor(self._record, self._client)
        return self._after(result)

    def _after(self, result: ExchangeResult) -> float:
        if result.stopped:
            return 0.0
        if result.problem is not None:
            return self._put_off(result.problem, getattr(result.problem, "retry_after_s", 0))
        self._retry = 0
        self._offline_since = None
        counts = self._counts()
        self._show(Idle(self._clock.now(), counts.unsent, counts.attention))
        if result.received >= _MUCH:
            self._put_words_together()
        return self._pace.every_s

    def _put_words_together(self) -> None:
        """Much has come in: the word index is in many pieces. Piece by piece, so that nobody's save has to wait."""
        more = True
        while more and not self._called():
            with self._record.writing() as w:
                more = merge(w, _PIECE_PAGES)

    def _put_off(self, problem: Problem, asked_s: int) -> float:
        """Show what is wrong and say when to try again."""
        seconds = wait_s(self._retry, asked_s, random.random)
        self._retry += 1
        now = self._clock.now()
        counts = self._counts()
        retry_at = now + timedelta(seconds=seconds)
        match problem:
            case ServiceUnreachable():
                self._offline_since = self._offline_since or now
                self._show(Offline(self._offline_since, counts.unsent, counts.last_sync_at, retry_at))
            case DeviceUnknown():
                self._forget_client()
                self._show(NeedsSignIn(counts.unsent))
            case DeviceBlocked():
                self._show(Blocked())
            case WipeOrdered():
                self._show(self._obeying(problem, counts.unsent, retry_at))
            case UpdateNeeded():
                self._show(OutOfDate(problem.minimum))
            case _:
                self._show(Trouble(problem, counts.unsent, retry_at))
        return seconds

    def _obeying(self, problem: WipeOrdered, unsent: int, retry_at: datetime) -> SyncState:
        if self._custody is None or not problem.order:
            return Blocked(wipe=True)
        try:
            self._custody.ordered(problem.order)
        except Problem as refused:
            return Trouble(refused, unsent, retry_at)
        return Blocked(wipe=True, proved=True)

    def _forget_client(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None

    def _counts(self) -> SyncCounts:
        with self._record.reading() as r:
            return sync_counts(r)

    def _show(self, state: SyncState | Working) -> None:
        self.state = state
        try:
            self._on_state(state)
        except Exception as error:  # noqa: BLE001
            _log.error("showing the state of sync failed: %s", type(error).__name__)
