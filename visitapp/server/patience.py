"""HTTP for senders who take their time: headers have to be there within seconds and in a few kilobytes."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_S: Final = 10.0
_MOST_HEADERS: Final = 64 * 1024


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself waits for the end of a head as long as it takes."""

    headers_s = HEADERS_S
    _waiting: asyncio.TimerHandle | None = None
    _seen = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the clock: a connection without a request is let go."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clock."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts what comes before the end of the head."""
        if self._waiting is not None:
            self._seen += len(data)
        super().data_received(data)
        if self._waiting is not None and self._seen > _MOST_HEADERS:
            self._give_up()

    def on_message_begin(self) -> None:
        """Starts the clock anew for each request of a connection."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """The head is there in time."""
        self._stop()
        super().on_headers_complete()

    def _wait(self) -> None:
        if self._waiting is None:
            self._seen = 0
            self._waiting = self.loop.call_later(self.headers_s, self._give_up)

    def _stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self, *_: Any) -> None:
        self._stop()
        if not self.transport.is_closing():
            self.transport.close()
