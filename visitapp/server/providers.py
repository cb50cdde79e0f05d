"""The organisation's sign-in as the operator describes it: a file, read when the service starts."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_HERE: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Provider:
    """The organisation's sign-in, as the operator describes it in a file. One of `secret` and `private_key` (PEM) is set.

    A token counts as made with a second factor if its `acr` is one of `acr`, or one of its `amr` is one of `amr`.
    """

    name: str
    issuer: str
    client_id: str
    address: str
    """Where browsers find this service, without a path: what comes back comes here and nowhere else."""
    secret: str = ""
    private_key: str = ""
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ("mfa",)
    scope: str = "openid"


def read_provider(file: Path) -> Provider:
    """Reads the operator's file (JSON; secrets are files beside it). Raises ValueError and OSError."""
    told = json.loads(file.read_text("utf-8"))
    secret, key = (_beside(file, told.get(name)) for name in ("client_secret_file", "private_key_file"))
    provider = Provider(
        name=str(told.get("name") or "your organisation"),
        issuer=str(told["issuer"]).rstrip("/") if not told.get("exact_issuer") else str(told["issuer"]),
        client_id=str(told["client_id"]),
        address=str(told["address"]).rstrip("/"),
        secret=secret,
        private_key=key,
        acr=tuple(told.get("acr", ())),
        amr=tuple(told.get("amr", ("mfa",))),
        scope=str(told.get("scope", "openid")),
    )
    if bool(provider.secret) == bool(provider.private_key):
        raise ValueError("client_secret_file or private_key_file, one of them")
    for url in (provider.issuer, provider.address):
        if not is_safe(url):
            raise ValueError(f"{url} is not https")
    if not provider.acr and not provider.amr:
        raise ValueError("acr or amr has to say what counts as a second factor")
    return provider


def _beside(file: Path, name: object) -> str:
    return (file.parent / str(name)).read_text("utf-8").strip() if name else ""


def is_safe(url: str) -> bool:
    """Whether an address is https, or of this very machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
