"""A way to the server that fails on purpose: a proxy on loopback for real sockets, and a line without sockets for histories."""

import contextlib
import itertools
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final

import httpx2

from tests.kit.laptops import Line, lost

FAULTS: Final = (
    "refuse", "reset", "half_open", "blackhole", "latency", "slow", "truncated", "duplicate_reply", "reordered", "server_error",
    "too_many", "captive_portal", "tls_cut", "dns",
)  # fmt: skip
"""The faults of the catalogue. A TLS cut and a failing name are chosen by the address that the client is given."""

_PORTAL: Final = b"<html><head><title>Welcome</title></head><body>Accept the terms to go on.</body></html>"


class Relay:
    """Carries bytes to a port on this machine and counts them, as the peers are measured."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._counts = [0, 0]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def counts(self) -> tuple[int, int]:
        """Bytes up and down so far."""
        time.sleep(0.05)
        return self._counts[0], self._counts[1]

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._upstream))
                for one, other, place in ((near, far, 0), (far, near, 1)):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=self._pump, args=(one, other, place), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, place: int) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(65536):
                self._counts[place] += len(block)
                target.sendall(block)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> "Relay":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listener.close()


@dataclass
class Fault:
    """What goes wrong, on which path, how many requests it is let alone before and how many it hits.

    `at_byte` is where in the answer (or, with `upward`, in the request) the line breaks; `after` lets the server do its work first.
    """

    kind: str
    path: str = ""
    skip: int = 0
    times: int = 1
    at_byte: int = 0
    upward: bool = False
    after: bool = False
    hits: int = 0


@dataclass
class _Message:
    head: bytes
    body: bytes

    @property
    def whole(self) -> bytes:
        return self.head + self.body

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode("latin-1")


class FaultProxy:
    """An HTTP proxy for one service that passes everything on, until it is told what to do wrong.

    Delays are scaled: `second` is how long one second of the catalogue takes here.
    """

    def __init__(self, upstream: int, second: float = 0.01) -> None:
        self._upstream = upstream
        self.second = second
        self.fault: Fault | None = None
        self._last: dict[str, bytes] = {}
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._probe = 0
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.requests: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Drop every connection."""
        self._closing.set()
        self._listener.close()
        self.drop_connections()

    def drop_connections(self) -> None:
        """Break what is open, so that the next request makes a connection of its own."""
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def arm(self, fault: Fault) -> Fault:
        """From now on this goes wrong. Connections kept alive are dropped: a refusal can only meet a new one."""
        if fault.kind in ("refuse", "tls_cut"):
            self.drop_connections()
        self.fault = fault
        return fault

    def settle(self) -> None:
        """Wait until every connection that its client has left is done with: nothing arrives late from here afterwards."""
        deadline = time.monotonic() + 120
        with socket.socket() as probe:
            # Connections are taken in the order in which they were made: once this one is, all earlier ones are known.
            probe.bind(("127.0.0.1", 0))
            self._probe = probe.getsockname()[1]
            probe.connect(("127.0.0.1", self.port))
            probe.settimeout(120)
            assert probe.recv(1) == b""
            self._probe = 0
        while self._open:
            assert time.monotonic() < deadline, "a connection is never done with"
            time.sleep(0.002)

    def disarm(self) -> None:
        """Everything goes through again."""
        self.fault = None

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, (_, port) = self._listener.accept()
                if port == self._probe:
                    near.close()
                    continue
                near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                fault = self.fault
                if fault is not None and fault.kind == "refuse" and not fault.path:
                    fault.hits += 1
                    _reset(near)
                    continue
                with self._lock:
                    self._open.add(near)
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        far: socket.socket | None = None
        try:
            while True:
                if self.fault is not None and self.fault.kind == "tls_cut":
                    near.recv(1)
                    self.fault.hits += 1
                    return
                request = _read_message(near)
                if request is None:
                    return
                self.requests.append(request.path)
                if far is None:
                    far = socket.create_connection(("127.0.0.1", self._upstream), timeout=120)
                fault = self._due(request.path)
                if fault is None:
                    answer = _exchange(far, request)
                    if answer is None:
                        return
                    self._last[request.path] = answer.whole
                    near.sendall(answer.whole)
                elif not self._go_wrong(fault, near, far, request):
                    return
        except OSError:
            return
        finally:
            with self._lock:
                self._open.discard(near)
            for end in (near, far):
                if end is not None:
                    end.close()

    def _due(self, path: str) -> Fault | None:
        with self._lock:
            fault = self.fault
            if fault is None or fault.times <= 0 or (fault.path and fault.path != path):
                return None
            if fault.skip > 0:
                fault.skip -= 1
                return None
            fault.times -= 1
            fault.hits += 1
            return fault

    def _go_wrong(self, fault: Fault, near: socket.socket, far: socket.socket, request: _Message) -> bool:
        """Do one thing wrong; answers whether the connection may live on."""
        if fault.kind == "refuse":
            _reset(near)
            return False
        if fault.kind == "blackhole":
            self._hold(near)
            return False
        if fault.upward:
            far.sendall(request.whole[: fault.at_byte])
            _reset(near)
            return False
        local = _LOCAL_ANSWERS.get(fault.kind)
        if local is not None and not fault.after:
            near.sendall(local)
            return True
        answer = _exchange(far, request)
        if answer is None:
            return False
        return self._spoil(fault, near, request, answer, local)

    def _spoil(self, fault: Fault, near: socket.socket, request: _Message, answer: _Message, local: bytes | None) -> bool:
        whole = answer.whole
        keeps_alive = True
        if local is not None:
            near.sendall(local)
        elif fault.kind == "half_open":
            self._hold(near)
            keeps_alive = False
        elif fault.kind == "reset":
            near.sendall(whole[: fault.at_byte % len(whole)])
            _reset(near)
            keeps_alive = False
        elif fault.kind == "truncated":
            near.sendall(answer.head + answer.body[: fault.at_byte % max(1, len(answer.body))])
            near.shutdown(socket.SHUT_WR)
            keeps_alive = False
        elif fault.kind == "latency":
            time.sleep(30 * self.second)
            near.sendall(whole)
        elif fault.kind == "slow":
            for start in range(0, len(whole), 64):
                time.sleep(0.064 * self.second)
                near.sendall(whole[start : start + 64])
        elif fault.kind == "duplicate_reply":
            near.sendall(whole + whole)
        elif fault.kind == "reordered":
            near.sendall(self._last.get(request.path, whole))
            self._last[request.path] = whole
        else:
            raise AssertionError(fault.kind)
        return keeps_alive

    def _hold(self, near: socket.socket) -> None:
        """Say nothing and keep the connection open until the other end gives up."""
        while not self._closing.is_set():
            ready, _, _ = select.select([near], [], [], 0.05)
            if ready and not near.recv(4096):
                return

    def __enter__(self) -> "FaultProxy":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _plain(status: bytes, body: bytes, kind: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, kind, len(body), more, body)


_LOCAL_ANSWERS: Final = {
    "server_error": _plain(b"502 Bad Gateway", b"<h1>Bad gateway</h1>", b"text/html"),
    "too_many": _plain(b"429 Too Many Requests", b"", b"text/plain", b"Retry-After: 1\r\n"),
    "captive_portal": _plain(b"200 OK", _PORTAL, b"text/html"),
}


def _reset(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.close()


def _exchange(far: socket.socket, request: _Message) -> _Message | None:
    far.sendall(request.whole)
    return _read_message(far)


def _read_message(source: socket.socket) -> _Message | None:
    data = b""
    while b"\r\n\r\n" not in data:
        block = source.recv(65536)
        if not block:
            return None
        data += block
    head, body = data.split(b"\r\n\r\n", 1)
    head += b"\r\n\r\n"
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        block = source.recv(65536)
        if not block:
            return None
        body += block
    return _Message(head, body)


class FailingNames:
    """While it lasts no name can be looked up."""

    def __init__(self) -> None:
        self._real: Callable[..., object] = socket.getaddrinfo

    def __enter__(self) -> "FailingNames":
        def fail(*_: object, **__: object) -> object:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        socket.getaddrinfo = fail  # type: ignore[assignment]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        socket.getaddrinfo = self._real  # type: ignore[assignment]


@dataclass
class FaultyLine(Line):
    """A line without sockets on which the next requests meet what `plan` says, one word a request; then it works again.

    ok, drop_before (the server never sees it), drop_after (the answer is lost), twice (it arrives twice, the first answer is lost),
    late (the server sees it only after a request that was sent later), cut:N (the answer ends after N bytes).
    """

    plan: list[str] = field(default_factory=list)
    _kept_back: list[httpx2.Request] = field(default_factory=list)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one request as the plan says."""
        word = self.plan.pop(0) if self.plan else "ok"
        if word == "drop_before":
            lost()
        if word == "late":
            self._kept_back.append(request)
            lost()
        if word == "twice":
            super().handle_request(request)
        response = super().handle_request(request)
        for kept in self._kept_back:
            super().handle_request(kept)
        self._kept_back.clear()
        if word == "drop_after":
            lost()
        if word.startswith("cut:"):
            whole = b"".join(_stream(response))
            return httpx2.Response(
                response.status_code, headers=response.headers, stream=httpx2.ByteStream(whole[: int(word[4:]) % (len(whole) + 1)])
            )
        return response


def _stream(response: httpx2.Response) -> Iterator[bytes]:
    stream = response.stream
    assert isinstance(stream, httpx2.SyncByteStream)
    return iter(stream)


def counting(start: int = 0) -> Callable[[], int]:
    """A function that counts its calls."""
    numbers = itertools.count(start)
    return lambda: next(numbers)
