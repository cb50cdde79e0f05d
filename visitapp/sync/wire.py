"""The line to the server: which addresses may be used, one request over it, and answers that cannot be read."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import httpx2

from visitapp.protocol import codec
from visitapp.protocol.messages import MAX_UNPACKED
from visitapp.protocol.problems import ProtocolProblem
from visitapp.sync.problems import InsecureAddress, NotAnAddress, NotTheService, ServiceNotTrusted, ServiceUnreachable
from visitapp.sync.trust import context_for, is_distrust, without_pin

PLAIN: Final = "application/json"
_TIMEOUT: Final = httpx2.Timeout(60.0, connect=10.0)
_NOBODY_THERE: Final = (httpx2.ConnectError, httpx2.ConnectTimeout)

T = TypeVar("T")


@dataclass
class Traffic:
    """What a client has sent and received: bytes of bodies and headers, and requests."""

    up: int = 0
    down: int = 0
    requests: int = 0


def checked_address(server: str) -> str:
    """Return a server address without its trailing slash. Raises NotAnAddress, InsecureAddress (http beyond this machine)."""
    try:
        url = httpx2.URL(without_pin(server)[0].strip())
    except (httpx2.InvalidURL, ValueError, TypeError):
        raise NotAnAddress from None
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query or url.fragment:
        raise NotAnAddress
    if url.scheme == "http" and not _is_loopback(url.host):
        raise InsecureAddress
    return str(url).rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def opened(server: str, transport: httpx2.BaseTransport | None, authority: bytes = b"") -> httpx2.Client:
    """A connection that believes only the authority, where one is given. Raises NotAnAddress, InsecureAddress."""
    address = checked_address(server)
    local = address.startswith("http://")
    # A proxy from the environment must never get to see what is meant for this machine.
    return httpx2.Client(
        base_url=address,
        timeout=_TIMEOUT,
        follow_redirects=False,
        transport=transport,
        verify=context_for(authority) if authority else True,
        trust_env=not local,
        headers={"Accept-Encoding": codec.CONTENT_ENCODING, "User-Agent": "visitapp"},
    )


def exchange(http: httpx2.Client, request: httpx2.Request, traffic: Traffic) -> tuple[int, httpx2.Headers, bytes]:
    """Send and read at most what an answer may hold, still packed: it is unpacked within bounds by the codec."""
    traffic.requests += 1
    traffic.up += len(request.content) + sum(len(key) + len(value) + 4 for key, value in request.headers.raw)
    try:
        response = http.send(request, stream=True)
        try:
            parts: list[bytes] = []
            size = 0
            for chunk in response.iter_raw():
                size += len(chunk)
                if size > MAX_UNPACKED:
                    raise NotTheService
                parts.append(chunk)
        finally:
            response.close()
    except (httpx2.TransportError, httpx2.StreamError, OSError, RuntimeError) as broken:
        if is_distrust(broken):
            raise ServiceNotTrusted from None
        raise ServiceUnreachable(may_have_arrived=not isinstance(broken, _NOBODY_THERE)) from None
    traffic.down += size + sum(len(key) + len(value) + 4 for key, value in response.headers.raw)
    length = response.headers.get("Content-Length")
    if length is not None and length != str(size):
        raise ServiceUnreachable(may_have_arrived=True)
    return response.status_code, response.headers, b"".join(parts)


def read(decode: Callable[[type[T], bytes], T], kind: type[T], body: bytes) -> T:
    """An answer in plain JSON. Raises NotTheService."""
    try:
        return decode(kind, body)
    except ProtocolProblem:
        raise NotTheService from None


def read_packed(decode: Callable[[bytes, str], T], answer: tuple[bytes, str]) -> T:
    """A packed answer with its encoding. Raises NotTheService."""
    try:
        return decode(*answer)
    except ProtocolProblem:
        raise NotTheService from None
