"""Running the service over HTTP until it is asked to stop."""

import socket
import sys
from typing import Final

import uvicorn

from visitapp.server.app import create_app
from visitapp.server.settings import Settings

_HERE: Final = "127.0.0.1"


class _Announced(uvicorn.Server):
    """A server that says in one line when and where it is ready."""

    words = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            print(self.words, flush=True)


def run(settings: Settings, port: int) -> None:
    """Serves on a port of this machine, 0 for a free one. Raises UnsafeRole, and OSError if the port is in use."""
    app = create_app(settings)
    service = app.state.service
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # Plain HTTP never leaves this machine.
    listener.bind((_HERE, port))
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=10,
        limit_concurrency=500,
    )
    server = _Announced(config)
    where = f"http://{_HERE}:{listener.getsockname()[1]}"
    server.words = f"visitapp server ready on {where} (PostgreSQL {service.postgres})"
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        service.close()
