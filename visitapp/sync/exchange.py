"""One exchange: hand in everything, fetch everything, let go of what is no longer held. It may stop after any step."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Final, Protocol

from visitapp.domain.problems import Problem
from visitapp.protocol.digest import fingerprint
from visitapp.protocol.messages import DEFAULT_BUDGET, CheckAnswer, Cursor, Enrolled, Holding, Op, PullAnswer, PushAnswer
from visitapp.store import backup
from visitapp.store.arriving import made_ready
from visitapp.store.incoming import (
    Applied,
    apply_feed,
    caseload_version,
    cursors,
    log_exchange,
    lost_scopes,
    mark_lost,
    purge_scope,
    set_caseload,
    strays,
)
from visitapp.store.leaving import unsent_count
from visitapp.store.record import Record
from visitapp.store.repair import apply_check, bring_back_forgotten, manifest, reset
from visitapp.sync.client import Former, Sign, monotonic
from visitapp.sync.fetching import Asked, Page
from visitapp.sync.flight import Flight
from visitapp.sync.pace import Pace
from visitapp.sync.problems import DeviceDoubled, DeviceUnknown, PageDamaged, ScopeWillNotAgree, ServiceUnreachable
from visitapp.sync.rekeying import rekey, rekey_from_former
from visitapp.sync.sending import Sending, Stopped, Way
from visitapp.sync.state import Step, Working
from visitapp.sync.wire import Traffic

_MOST_CHECKS: Final = 20
_COUNT_UNNOTED: Final = 50
_NOTE_NOTHING_EVERY_MS: Final = 60_000
_OFFSET_WORTH_KEEPING_MS: Final = 2_000


class Server(Protocol):
    """The server as an exchange sees it; `Client` is one."""

    traffic: Traffic
    epoch: str
    counter: int
    offset_ms: int
    unsent: int
    sending: Pace
    fetching: Pace

    def push(self, ops: Sequence[Op]) -> PushAnswer:
        """Hand in changes."""

    def pull(
        self, caseload_version: int, cursors: Sequence[Cursor], fingerprint: str = "", budget: int = DEFAULT_BUDGET
    ) -> PullAnswer:
        """Ask for what is new."""

    def check(self, scope: str, holdings: Sequence[Holding]) -> CheckAnswer:
        """Have one scope compared record by record."""

    def rekey(self, public_key: bytes, sign: Sign, former: Former | None = None) -> Enrolled:
        """Ask for a device id of one's own."""

    def become(self, device: str, sign: Sign) -> None:
        """Speak as another device."""

    def server_now_ms(self) -> int:
        """The server's time."""


@dataclass
class ExchangeResult:
    """What an exchange did. `problem` is what ended it early; everything before that has landed."""

    sent: int = 0
    received: int = 0
    repaired: set[str] = field(default_factory=set)
    purged: tuple[str, ...] = ()
    problem: Problem | None = None
    stopped: bool = False

    @property
    def complete(self) -> bool:
        """Whether it got to the end."""
        return self.problem is None and not self.stopped


def run_exchange(
    record: Record,
    client: Server,
    *,
    user: str = "",
    on_step: Callable[[Working], None] = lambda working: None,
    should_stop: Callable[[], bool] = lambda: False,
    may_purge: Callable[[str], bool] = lambda family: True,
) -> ExchangeResult:
    """Push until nothing is left that may go, pull until level, purge what was lost; every step is one transaction.

    `may_purge` says of a family (id) whether nobody has it open. Problems are returned in the result, not raised; RecordClosed and
    other problems of the record itself are raised.
    """
    exchange = _Exchange(record, client, user, on_step, should_stop)
    started_ms = exchange.local_ms()
    try:
        exchange.begin()
        with record.in_bulk():
            exchange.run()
        exchange.purge(may_purge)
    except Stopped:
        exchange.result.stopped = True
    except _SYNC_PROBLEMS as problem:
        exchange.result.problem = problem
    exchange.finish(started_ms)
    return exchange.result


def _sync_problems() -> tuple[type[Problem], ...]:
    from visitapp.sync import problems

    found = (value for value in vars(problems).values() if isinstance(value, type) and issubclass(value, Problem))
    return tuple(kind for kind in found if kind is not Problem)


_SYNC_PROBLEMS: Final = _sync_problems()


class _Exchange:
    def __init__(
        self,
        record: Record,
        client: Server,
        user: str,
        on_step: Callable[[Working], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._record = record
        self._client = client
        self._user = user
        self._on_step = on_step
        self._should_stop = should_stop
        self._before = Traffic(client.traffic.up, client.traffic.down, client.traffic.requests)
        self._epoch = ""
        self._counted = 0
        self._was_rekeying = False
        self._last_note_ms = 0
        self._pulled_afresh: set[str] = set()
        self._ahead: tuple[Asked, Flight[Page]] | None = None
        self._rows_written = Event()
        self._rows_written.set()
        self.result = ExchangeResult()

    def local_ms(self) -> int:
        return int(self._record.clock.now().timestamp() * 1000)

    def _step(self, step: Step, done: int = 0, of: int = 0) -> None:
        if self._should_stop():
            raise Stopped
        self._on_step(Working(step, done, of))
        if self._client.counter - self._counted >= _COUNT_UNNOTED:
            with self._record.writing() as w:
                self._remember(w.meta_set)

    def begin(self) -> None:
        """Take up what the last exchange knew of server and request counter."""
        with self._record.reading() as r:
            self._epoch = r.meta("epoch")
            self._last_note_ms = int(r.meta("last_sync_ms", "0"))
            self._client.epoch = self._client.epoch or self._epoch
            self._was_rekeying = bool(r.meta("device_key_next"))
            self._counted = int(r.meta("request_counter", "0"))
            if not self._client.counter:
                # What was counted before a crash and after the last note of it is jumped over: no number is used twice.
                self._client.counter = self._counted + _COUNT_UNNOTED
            self._client.offset_ms = self._client.offset_ms or int(r.meta("clock_offset_ms", "0"))

    def run(self) -> None:
        """Push and pull; once more under a new device id if the server says that this one is in use twice."""
        if self._was_rekeying:
            rekey(self._record, self._client)
        try:
            self._push_and_pull()
        except DeviceDoubled:
            rekey(self._record, self._client)
            self._push_and_pull()
        except DeviceUnknown:
            if not rekey_from_former(self._record, self._client):
                raise
            self._push_and_pull()

    def _push_and_pull(self) -> None:
        self.push()
        self.pull()
        if self.result.repaired:
            self.push()

    def push(self) -> None:
        """Hand in what may go, batch by batch, until nothing is left or the server takes nothing more."""
        done = self.result.sent
        way = Way(
            push=self._client.push,
            step=lambda sent, of: self._step("sending", done + sent, done + of),
            remember=lambda w: self._remember(w.meta_set),
            landed=self._landed,
            pace=self._client.sending,
        )
        Sending(self._record, way, self._user).run()

    def _landed(self, many: int) -> None:
        self.result.sent += many

    def _remember(self, meta_set: Callable[[str, str], None]) -> None:
        self._counted = self._client.counter
        meta_set("request_counter", str(self._counted))
        offset = self._client.offset_ms if abs(self._client.offset_ms) >= _OFFSET_WORTH_KEEPING_MS else 0
        meta_set("clock_offset_ms", str(offset))

    def pull(self) -> None:
        """Fetch what is new until every held scope is level with the server."""
        if not self._nothing_new():
            try:
                self._fetch()
            finally:
                self._drop_ahead()
        with self._record.reading() as r:
            unlisted = strays(r)
        if unlisted:
            with self._record.writing() as w:
                mark_lost(w, unlisted, server_was_restored=self._server_was_restored())

    def _server_was_restored(self) -> bool:
        return self._epoch not in ("", self._client.epoch)

    def _nothing_new(self) -> bool:
        """Ask with a fingerprint only; True if the server says that nothing differs."""
        with self._record.reading() as r:
            version, held = caseload_version(r), cursors(r)
            self._client.unsent = unsent_count(r)
        if not version:
            return False
        self._step("fetching")
        return not self._client.pull(version, (), fingerprint(version, held)).differs

    def _fetch(self) -> None:
        pending: frozenset[str] | None = None
        while pending is None or pending:
            if self._ahead is None:
                with self._record.reading() as r:
                    asked = Asked(caseload_version(r), cursors(r, self._record.clock.today().isoformat()), pending)
                    self._client.unsent = unsent_count(r)
                self._step("fetching", len(asked.held) - len(asked.wanted), len(asked.held))
                page = self._ask(asked)
            else:
                (asked, flight), self._ahead = self._ahead, None
                page = flight.answer()
            following = asked.following(page.answer)
            if following is not None:
                # Told to stop, it still takes in this answer.
                with suppress(Stopped):
                    self._ask_ahead(following)
            pending = self._apply(page, asked)

    def _ask(self, asked: Asked) -> Page:
        began = monotonic()
        pace = self._client.fetching
        try:
            # The service stops at a family's end where it can, which may be at twice of what was asked for.
            answer = self._client.pull(asked.version, asked.wanted, "", pace.bytes // 2)
        except ServiceUnreachable:
            pace.broke()
            raise
        pace.took(sum(len(rec.body) for feed in answer.feeds for rec in feed.records), monotonic() - began)
        # Two threads at once only where one needs no interpreter: while words are indexed and pages go to the disk.
        self._rows_written.wait()
        return Page(answer, tuple(map(made_ready, answer.feeds)))

    def _ask_ahead(self, asked: Asked) -> None:
        self._step("fetching", len(asked.held) - len(asked.wanted), len(asked.held))
        self._ahead = (asked, Flight(lambda: self._ask(asked)))

    def _drop_ahead(self) -> None:
        """Wait for a request that ran ahead and forget its answer: fetching changes nothing at the server."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead[1].land()

    def _apply(self, page: Page, asked: Asked) -> frozenset[str]:
        """Take in one answer in one transaction; returns the scopes that are still to be asked for."""
        answer = page.answer
        left = asked.left(answer)
        with self._record.writing() as w, self._writing_rows():
            if answer.caseload is not None:
                restored = self._server_was_restored()
                lost = set_caseload(w, answer.caseload, answer.greeting.caseload_version, server_was_restored=restored)
                left |= {entry.scope for entry in answer.caseload} - {cursor.scope for cursor in asked.held}
                left -= set(lost)
                if restored and bring_back_forgotten(w):
                    self.result.repaired |= set(lost)
            outcomes = {ready.feed.scope: apply_feed(w, ready.feed, ready) for ready in page.feeds}
        self.result.received += sum(len(feed.records) for feed in answer.feeds)
        if not set(outcomes.values()) <= {Applied.LEVEL, Applied.MORE}:
            self._drop_ahead()
        for scope, applied in outcomes.items():
            if applied is Applied.DAMAGED:
                raise PageDamaged(scope[2:])
            if applied is Applied.MORE or (applied is Applied.DIFFERS and not self._repair(scope)):
                left.add(scope)
        return frozenset(left)

    @contextmanager
    def _writing_rows(self) -> Iterator[None]:
        self._rows_written.clear()
        try:
            yield
        finally:
            self._rows_written.set()

    def _repair(self, scope: str) -> bool:
        """Compare a scope record by record; False if it has to be pulled from the start instead, which is done once."""
        if scope in self._pulled_afresh:
            raise ScopeWillNotAgree(scope[2:])
        self.result.repaired.add(scope)
        for _ in range(_MOST_CHECKS):
            self._step("fetching")
            with self._record.reading() as r:
                held = manifest(r, scope)
            answer = self._client.check(scope, held)
            if answer.flag == "gone":
                return True
            with self._record.writing() as w:
                level = apply_check(w, answer)
            self.result.received += len(answer.put)
            if level:
                return True
            if not answer.put:
                break
        self._pulled_afresh.add(scope)
        with self._record.writing() as w:
            reset(w, scope)
        return False

    def purge(self, may_purge: Callable[[str], bool]) -> None:
        """Take lost families off this laptop, unless somebody has them open; older backups go with them."""
        with self._record.reading() as r:
            lost = lost_scopes(r)
        due = tuple(scope for scope in lost if may_purge(scope[2:]))
        if not due:
            return
        self._step("clearing", 0, len(due))
        with self._record.writing() as w:
            for scope in due:
                purge_scope(w, scope)
        self._record.checkpoint()
        if backup.backups(self._record.path):
            backup.replace_all(self._record)
        self.result.purged = due

    def finish(self, started_ms: int) -> None:
        """Note in the record how it went."""
        problem = type(self.result.problem).__name__ if self.result.problem else ""
        outcome = "done" if self.result.complete else "stopped" if self.result.stopped else "partly"
        if isinstance(self.result.problem, ServiceUnreachable) and not self.result.sent and not self.result.received:
            outcome = "offline"
        now, traffic = self.local_ms(), self._client.traffic
        quiet = self.result == ExchangeResult() and self._client.epoch == self._epoch
        if quiet and now - self._last_note_ms < _NOTE_NOTHING_EVERY_MS:
            return
        with self._record.writing() as w:
            if self.result.complete:
                w.meta_set("last_sync_ms", str(now))
                # Only now: an exchange that broke off after learning of a restored server must not forget that it was restored.
                w.meta_set("epoch", self._client.epoch)
            self._remember(w.meta_set)
            log_exchange(
                w,
                started_ms=started_ms,
                ended_ms=now,
                outcome=outcome,
                sent=self.result.sent,
                received=self.result.received,
                up_bytes=traffic.up - self._before.up,
                down_bytes=traffic.down - self._before.down,
                requests=traffic.requests - self._before.requests,
                problem=problem,
            )
