"""Errors forced at many points with a canary in the data: what user, log, crash report and caller see holds none of it.

Libraries quote what they were given: SQLite the statement's values, PDF libraries whole paragraphs, parsers the text around a
fault. Every error forced here carries the canary in its own message as they do.
"""

import asyncio
import base64
import io
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import psycopg
import pytest
import sqlcipher3.dbapi2 as cipher
from PySide6.QtCore import QObject, QTimer, Signal
from pytestqt.qtbot import QtBot
from sqlalchemy.engine.default import DefaultDialect

from tests.kit.desks import a_desk
from tests.kit.leaks import encodings_of
from tests.kit.okafors import the_okafors
from tests.kit.service import ServiceKit, a_family, a_person, a_visit
from tests.kit.signed import USUAL, a_signed_visit
from visitapp.actions.addenda import add_addendum
from visitapp.actions.caseload import caseload, family_view, find, today_view
from visitapp.actions.people import add_person, edit_family
from visitapp.actions.printing import preview_copy
from visitapp.actions.reading import read_visit
from visitapp.actions.session import Desk
from visitapp.actions.signing import sign_visit
from visitapp.actions.syncing import sync_overview
from visitapp.actions.visits import open_draft, save_answers, start_visit
from visitapp.config.logs import start_logging
from visitapp.config.settings import load_settings
from visitapp.domain.ids import FamilyId, VisitId
from visitapp.domain.problems import Problem
from visitapp.forms.definition import load_questionnaire
from visitapp.forms.packs import check_pack
from visitapp.protocol import codec
from visitapp.reports.copies import CopyType
from visitapp.server.logs import AllowedFields
from visitapp.ui.background import BackgroundLanes
from visitapp.ui.crash import CrashCatcher, crash_report
from visitapp.ui.wording import sentence_for
from visitapp.vault.header import parsed
from visitapp.vault.lease import checked_lease

CANARY = "Zofia Kanarek-7731"
NEEDLES = encodings_of(CANARY)
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def holds_canary(told: str | bytes) -> bool:
    raw = told.encode("utf-8", "backslashreplace") if isinstance(told, str) else told
    return any(needle in raw for needle in NEEDLES)


class Ears:
    """Everything that comes out of the program on one machine: the log in its real file, and what was shown."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._shown: list[str] = []
        self.errors = 0

    def met(self, error: BaseException) -> None:
        """What the program makes of an error: a sentence for a problem, a report and a line of the log for a bug."""
        self.errors += 1
        if isinstance(error, Problem):
            self._shown += [sentence_for(error), repr(error), str(error)]
            return
        self._shown.append(crash_report(error, AT))
        logging.getLogger("visitapp.ui.crash").error("bug\n%s", crash_report(error, AT), exc_info=error)
        logging.getLogger("sqlalchemy").error("bug %s", error, exc_info=error)

    def everything(self) -> str:
        return "\n".join([*self._shown, *(file.read_text("utf-8") for file in sorted(self._file.parent.glob("visitapp.log*")))])


@pytest.fixture
def ears(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Ears]:
    """`caplog` is asked for because these tests log errors on purpose."""
    file = tmp_path / "log" / "visitapp.log"
    assert start_logging(file, level=logging.DEBUG) is not None
    found = Ears(file)
    yield found
    told = found.everything()
    assert found.errors, "no error was met: the point does not exist any more"
    assert not holds_canary(told)
    assert "visitapp.log" not in told


@contextmanager
def failing_statement(number: int) -> Iterator[list[int]]:
    """Makes the n-th statement from now on fail as the libraries do, with its values in the error; counts them all."""
    seen = [0]
    by_driver, by_sqlalchemy = psycopg.Cursor.execute, DefaultDialect.do_execute

    def count(statement: object, values: object, kind: type[Exception]) -> None:
        seen[0] += 1
        if seen[0] == number:
            raise kind(f"constraint failed: {CANARY} {statement!r} {values}")

    def execute(self: Any, query: Any, params: Any = None, **how: Any) -> Any:
        count(query, params, psycopg.IntegrityError)
        return by_driver(self, query, params, **how)

    def do_execute(self: Any, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        if not isinstance(cursor, psycopg.Cursor):
            count(statement, parameters, cipher.IntegrityError)
        by_sqlalchemy(self, cursor, statement, parameters, context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", execute)
        patch.setattr(DefaultDialect, "do_execute", do_execute)
        yield seen


class Story:
    """A nurse's record in which the canary stands in every place that takes words."""

    def __init__(self, folder: Path) -> None:
        self.desk: Desk = a_desk(folder)
        self.family: FamilyId = the_okafors(self.desk)
        edit_family(self.desk, self.family, {"name": CANARY, "town": CANARY})
        self.signed: VisitId = a_signed_visit(self.desk, self.family, {**USUAL, "narrative": {"story": CANARY}})
        self.draft: VisitId = start_visit(self.desk, self.family)

    def answers(self) -> dict[str, Any]:
        sheet = next(sheet for sheet in open_draft(self.desk, self.draft).sheets if sheet.section == "narrative")
        return {sheet.key: [{"linkId": "story", "answer": [{"valueString": CANARY}]}]}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path / "record")
    yield made
    made.desk.record.close()


WORK: dict[str, Callable[[Story], Any]] = {
    "change a family": lambda s: edit_family(s.desk, s.family, {"name": CANARY + "!"}),
    "add a person": lambda s: add_person(s.desk, s.family, {"role": "father", "given_name": CANARY}),
    "start a visit": lambda s: start_visit(s.desk, s.family),
    "save a draft": lambda s: save_answers(s.desk, s.draft, s.answers()),
    "sign a visit": lambda s: sign_visit(s.desk, s.draft),
    "read a note": lambda s: read_visit(s.desk, s.signed),
    "add to a note": lambda s: add_addendum(s.desk, s.signed, CANARY),
    "search": lambda s: find(s.desk, CANARY),
    "show the caseload": lambda s: caseload(s.desk),
    "show today": lambda s: today_view(s.desk),
    "show a family": lambda s: family_view(s.desk, s.family),
    "make a copy": lambda s: preview_copy(s.desk, s.signed, CopyType.PROFESSIONAL),
    "show sync": lambda s: sync_overview(s.desk),
}


@pytest.mark.parametrize("name", WORK)
def test_a_statement_that_fails_in_the_record_tells_nothing_of_its_values(name: str, story: Story, ears: Ears) -> None:
    """Its first statement fails, then its fourth, and so on to its last; a write that failed has left nothing."""
    for point in (1, 4, 7, 10, 13, 16, 19, 22):
        with failing_statement(point) as seen:
            try:
                WORK[name](story)
            except Exception as error:
                ears.met(error)
        if seen[0] < point:
            break


PARSERS: dict[str, Callable[[Path], Any]] = {
    "a header": lambda at: parsed(f'{{"format": "visitapp-vault", "version": "{CANARY}"}}'.encode()),
    "a lease": lambda at: checked_lease(f"{CANARY}.{CANARY}", b"k" * 32, user=CANARY, device=CANARY),
    "a questionnaire": lambda at: load_questionnaire(f'{{"resourceType": "{CANARY}", "item": [{{'.encode()),
    "a questionnaire of another shape": lambda at: load_questionnaire(f'{{"resourceType": "{CANARY}", "item": 3}}'.encode()),
    "a pack": lambda at: check_pack(f'{{"manifest": "{CANARY}"}}'.encode(), None),
    "an answer to a pull": lambda at: codec.decode_pull_answer(codec.pack(f'["{CANARY}"]\n["{CANARY}"'.encode())),
    "an answer to a push": lambda at: codec.decode_push_answer(codec.pack(f'{{"{CANARY}": 1}}\n'.encode())),
    "an answer to a check": lambda at: codec.decode_check_answer(CANARY.encode()),
    "an answer packed otherwise": lambda at: codec.unpack(CANARY.encode(), CANARY),
    "JSON that is none": lambda at: codec.read_json(f'{{"name": "{CANARY}'.encode()),
    "a PDF that is none": lambda at: pikepdf.open(io.BytesIO(f"%PDF-1.7 {CANARY}".encode())),
    "a number": lambda at: int(CANARY),
    "base64": lambda at: base64.b64decode(CANARY, validate=True),
}


@pytest.mark.parametrize("name", PARSERS)
def test_what_cannot_be_read_is_not_quoted(name: str, tmp_path: Path, ears: Ears) -> None:
    with pytest.raises(Exception) as met:
        PARSERS[name](tmp_path)
    ears.met(met.value)


def test_a_damaged_settings_file_is_not_quoted(tmp_path: Path, ears: Ears) -> None:
    (tmp_path / "settings.json").write_text(f'{{"theme": "{CANARY}"}}', "utf-8")
    _, damaged = load_settings(tmp_path / "settings.json")
    assert damaged is not None
    ears.met(damaged)


PAPER = (
    "visitapp.actions.printing.visit_document",
    "visitapp.reports.copies.select",
    "visitapp.reports.copies.make_pdf",
    "visitapp.reports.copies.unprintable",
)


@pytest.mark.parametrize("copy", CopyType)
def test_paper_that_fails_is_not_quoted(copy: CopyType, story: Story, ears: Ears) -> None:
    """reportlab's own error holds the whole paragraph it was given."""
    for place in PAPER:

        def fails(*given: Any, **named: Any) -> Any:
            raise ValueError(f"<para>{CANARY}</para> is not well formed")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(place, fails)
            try:
                preview_copy(story.desk, story.signed, copy)
            except ValueError as error:
                ears.met(error)


def failure(*_: Any) -> Any:
    raise ValueError(f"what was typed: {CANARY}")


class Slots(QObject):
    """A screen whose slot fails."""

    pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.pressed.connect(self.fail)

    def fail(self, words: str) -> None:
        raise KeyError(words)


def test_slots_timers_threads_and_lanes_end_in_one_report_without_data(
    qtbot: QtBot, ears: Ears, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A slot, a timer, a thread, both lanes, the outcome of a lane: each raises the canary, and the dialog's report tells none."""
    catcher = CrashCatcher(lambda: AT)
    taken: list[BaseException] = []
    monkeypatch.setattr(catcher, "take", taken.append)
    shown: list[str] = []
    monkeypatch.setattr("visitapp.ui.crash_dialog.CrashDialog", lambda report, parent: shown.append(report) or _NoDialog())
    lanes, slots = BackgroundLanes(), Slots()
    lanes.bug_met.connect(catcher.take)
    catcher.install()
    slots.pressed.emit(CANARY)
    QTimer.singleShot(0, failure)
    lanes.on_record(slots, lambda: CANARY, failure)
    lanes.on_record(slots, failure, print)
    lanes.slowly(slots, failure, print)
    thread = threading.Thread(target=failure)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(taken) == 6, timeout=20_000)
    for error in taken:
        ears.met(error)
        catcher._show(error)
    lanes.close()
    assert len(shown) == 1, "one dialog at a time"
    out, err = capfd.readouterr()
    assert not holds_canary("".join(shown) + out + err)


class _NoDialog(QObject):
    finished = Signal(int)

    def open(self) -> None:
        """Stays away."""


def test_listeners_to_changes_fail_alone_and_unquoted(story: Story, ears: Ears) -> None:
    story.desk.record.changes.subscribe(failure)
    edit_family(story.desk, story.family, {"name": CANARY + "."})
    ears.errors += 1
    assert "a listener to changes failed" in ears.everything()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """The server's own log, as it writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(AllowedFields())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def server_work(kit: ServiceKit) -> dict[str, Callable[[], Any]]:
    laptop = kit.laptop(kit.user(kit.team(CANARY), name=CANARY))
    family = a_family(name=CANARY)
    laptop.outcomes(family, a_person(family.id, given_name=CANARY))
    laptop.pull()

    def push() -> Any:
        op = a_visit(family.id, laptop.user, summary=CANARY)
        return laptop.send("/v1/push", codec.encode_push(codec.m.Push(laptop.hello(), (op,))))

    def pull() -> Any:
        ask = codec.m.PullAsk(laptop.hello(), 0, (codec.m.Cursor(f"f:{family.id}", 0, 0),))
        return laptop.send("/v1/pull", codec.encode_pull(ask))

    def check() -> Any:
        return laptop.send("/v1/check", codec.encode_check(codec.m.CheckAsk(laptop.hello(), f"f:{family.id}", ())))

    def strangers_words() -> Any:
        return laptop.send("/v1/push", codec.pack(f'{{"{CANARY}": "{CANARY}"}}\n["{CANARY}"'.encode()))

    return {"push": push, "pull": pull, "check": check, "words": strangers_words}


def test_a_statement_that_fails_at_the_server_tells_caller_and_log_nothing(service: ServiceKit, heard: io.StringIO) -> None:
    """Each of the service's questions, its statements failing one after the other with the values in the error."""
    errors = 0
    for name, work in server_work(service).items():
        for point in range(1, 13, 2):
            with failing_statement(point) as seen:
                answer = work()
            errors += seen[0] >= point
            assert not holds_canary(answer.content), name
            assert not any(holds_canary(value) for value in answer.headers.values()), name
            if seen[0] < point:
                break
    assert errors >= 12
    assert heard.getvalue()
    assert not holds_canary(heard.getvalue())


def test_a_bug_of_the_servers_own_tells_caller_and_log_nothing(
    service: ServiceKit, heard: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = server_work(service)
    for place in ("visitapp.server.app.codec.decode_push", "visitapp.server.app.codec.decode_pull", "visitapp.server.app.codec.decode_check"):
        monkeypatch.setattr(place, failure)
    for name in ("push", "pull", "check"):
        answer = work[name]()
        assert answer.status_code == 500
        assert not holds_canary(answer.content)
    assert heard.getvalue().count('"event": "failed"') == 3
    assert not holds_canary(heard.getvalue())


def test_a_task_that_nobody_awaits_is_logged_unquoted(heard: io.StringIO) -> None:
    """asyncio logs such an exception by itself, with its text: the server's formatter shows neither."""

    async def main() -> None:
        task = asyncio.ensure_future(asyncio.to_thread(failure))
        await asyncio.wait([task])
        del task

    asyncio.run(main())
    logging.getLogger("asyncio").error("Task exception was never retrieved %s", CANARY, exc_info=ValueError(CANARY))
    assert '"library"' in heard.getvalue()
    assert not holds_canary(heard.getvalue())


def test_a_canary_in_clear_is_found() -> None:
    assert holds_canary(f"… {CANARY} …")
    assert holds_canary(base64.b64encode(f"12{CANARY}34".encode()))
