"""Running the service over HTTP until it is asked to stop."""

import gc
import socket
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn

from visitapp.server.app import create_app
from visitapp.server.patience import PatientProtocol
from visitapp.server.settings import Settings

_HERE: Final = "127.0.0.1"


class _Announced(uvicorn.Server):
    """A server that says in one line when and where it is ready."""

    words = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            print(self.words, flush=True)


@dataclass(frozen=True, slots=True)
class Tls:
    """The files of a certificate chain and its key, both PEM, and the address to listen on."""

    certificate: Path
    key: Path
    address: str = "0.0.0.0"  # noqa: S104 - with TLS the service is for the network


def run(settings: Settings, port: int, tls: Tls | None = None) -> None:
    """Serves on a port, 0 for a free one: of this machine only, unless there is TLS.

    Raises UnsafeRole, and OSError if the port is in use or a certificate or key cannot be used.
    """
    app = create_app(settings)
    service = app.state.service
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # Plain HTTP never leaves this machine.
    listener.bind((tls.address if tls else _HERE, port))
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=10,
        limit_concurrency=500,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    server = _Announced(config)
    where = f"{'https' if tls else 'http'}://{listener.getsockname()[0]}:{listener.getsockname()[1]}"
    server.words = f"visitapp server ready on {where} (PostgreSQL {service.postgres})"
    # What is there now stays; a batch makes some ten thousand objects that all go with it, so looking for cycles can wait.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        service.close()
