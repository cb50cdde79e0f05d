"""What holds for every test: Qt offscreen, long hunts only when asked for, unexpected log records fail."""

import logging
import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = ["tests.kit.isolation", "tests.kit.postgres"]

EXPECTED_LOGS = ("uvicorn", "alembic", "asyncio", "hypothesis", "fontTools", "httpx2", "httpcore2", "faker", "visitapp.server")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long hunts out unless `-m hunt` asks for them; where several processes share the work, the longest comes first."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.nodeid.startswith("tests/unit/"))
    if "hunt" in (config.getoption("-m") or ""):
        return
    kept, left = [], []
    for item in items:
        (left if item.get_closest_marker("hunt") else kept).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


class _Unexpected(logging.Handler):
    """Collects warnings and errors that no test said it expects."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record unless it comes from a library that warns by design."""
        if not record.name.startswith(EXPECTED_LOGS):
            self.records.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_unexpected_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs a warning or an error, unless it is marked with `caplog` or says so."""
    handler = _Unexpected()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    if "caplog" not in request.fixturenames:
        assert not handler.records, handler.records
