"""An OpenID provider on loopback, over real HTTP, that does what it should or what a test makes it do."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

SECRET = "a secret between the two of them"


@dataclass
class Asked:
    """One authorization request, as it came."""

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    challenge: str
    method: str
    max_age: str


def nothing(told: dict[str, Any]) -> None:
    """Changes nothing."""


@dataclass
class LocalProvider:
    """The provider; `spoil` may change the claims of each token, `sign` how it is signed."""

    subject: str = "subject-1"
    amr: tuple[str, ...] = ("pwd", "mfa")
    spoil: Callable[[dict[str, Any]], None] = nothing
    sign: Callable[["LocalProvider", dict[str, Any]], str] | None = None
    client_key: RSAKey | None = None
    published: list[dict[str, Any]] = field(default_factory=list)
    asked: dict[str, Asked] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = ECKey.generate_key("P-256", parameters={"kid": "one"})
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._get(self)

            def do_POST(self) -> None:
                provider._post(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops, and frees the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _get(self, handler: BaseHTTPRequestHandler) -> None:
        where = urlsplit(handler.path)
        self.requests.append(where.path)
        if where.path == "/.well-known/openid-configuration":
            ends = {name: f"{self.issuer}/{path}" for name, path in _ENDS.items()}
            # A provider may offer what nobody should accept.
            algorithms = ["ES256", "RS256", "HS256", "none"]
            self._answer(handler, {"issuer": self.issuer, "id_token_signing_alg_values_supported": algorithms, **ends})
        elif where.path == "/jwks":
            self._answer(handler, {"keys": [*self.published, self.key.as_dict(private=False)]})
        elif where.path == "/authorize":
            told = dict(parse_qsl(where.query))
            code = secrets.token_urlsafe(16)
            self.asked[code] = Asked(
                told["client_id"], told["redirect_uri"], told["state"], told["nonce"], told.get("code_challenge", ""),
                told.get("code_challenge_method", ""), told.get("max_age", ""),
            )  # fmt: skip
            handler.send_response(302)
            handler.send_header("Location", f"{told['redirect_uri']}?{urlencode({'code': code, 'state': told['state']})}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
        else:
            handler.send_error(404)

    def _post(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append(handler.path)
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        told = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.asked.pop(told.get("code", ""), None)
        why = self._why_not(handler, told, asked)
        if why or asked is None:
            self.refusals.append(why or "code")
            self._answer(handler, {"error": "invalid_grant"}, 400)
            return
        access = secrets.token_urlsafe(16)
        now = int(time.time())
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": asked.client_id,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": asked.nonce,
            "amr": list(self.amr),
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        }
        self.spoil(claims)
        signed = self.sign(self, claims) if self.sign else jwt.encode({"alg": "ES256", "kid": "one"}, claims, self.key)
        self._answer(handler, {"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": signed})

    def _why_not(self, handler: BaseHTTPRequestHandler, told: dict[str, str], asked: Asked | None) -> str:
        if asked is None:
            return "code"
        digest = hashlib.sha256(told.get("code_verifier", "").encode()).digest()
        if asked.method != "S256" or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked.challenge:
            return "pkce"
        if told.get("redirect_uri") != asked.redirect_uri:
            return "redirect"
        return "" if self._is_client(handler, told, asked.client_id) else "client"

    def _is_client(self, handler: BaseHTTPRequestHandler, told: dict[str, str], client_id: str) -> bool:
        if self.client_key is None:
            expected = base64.b64encode(f"{client_id}:{SECRET}".encode()).decode()
            return handler.headers.get("Authorization") == f"Basic {expected}"
        token = jwt.decode(told["client_assertion"], self.client_key, algorithms=["PS256"])
        claims = token.claims
        return claims["sub"] == claims["iss"] == client_id and claims["aud"] == f"{self.issuer}/token"

    @staticmethod
    def _answer(handler: BaseHTTPRequestHandler, told: dict[str, Any], status: int = 200) -> None:
        raw = json.dumps(told).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)


_ENDS = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}


def unsigned(provider: LocalProvider, claims: dict[str, Any]) -> str:
    """A token that says it needs no signature."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def by_public_key(provider: LocalProvider, claims: dict[str, Any]) -> str:
    """A token whose shared secret is the provider's public key, which everybody knows."""
    secret = OctKey.import_key(provider.key.as_pem(private=False))
    return jws.serialize_compact({"alg": "HS256", "kid": "one"}, json.dumps(claims).encode(), secret, algorithms=["HS256"])


def by_client_secret(provider: LocalProvider, claims: dict[str, Any]) -> str:
    """A token signed with the client's secret."""
    return jws.serialize_compact({"alg": "HS256"}, json.dumps(claims).encode(), OctKey.import_key(SECRET), algorithms=["HS256"])


def by_published_secret(provider: LocalProvider, claims: dict[str, Any]) -> str:
    """A token signed with a shared secret that stands among the published keys."""
    shared = OctKey.generate_key(256, parameters={"kid": "shared"})
    provider.published = [shared.as_dict(private=True)]
    return jws.serialize_compact({"alg": "HS256", "kid": "shared"}, json.dumps(claims).encode(), shared, algorithms=["HS256"])


def by_stranger(provider: LocalProvider, claims: dict[str, Any]) -> str:
    """A token signed by another key of the same name."""
    return jwt.encode({"alg": "ES256", "kid": "one"}, claims, ECKey.generate_key("P-256"))


def by_unknown_key(provider: LocalProvider, claims: dict[str, Any]) -> str:
    """A token that names a key nobody published."""
    return jwt.encode({"alg": "ES256", "kid": "two"}, claims, ECKey.generate_key("P-256"))


def with_its_own_key(provider: LocalProvider, claims: dict[str, Any]) -> str:
    """A token that brings the key to check it with."""
    own = ECKey.generate_key("P-256")
    header = {"alg": "ES256", "jwk": own.as_dict(private=False)}
    return jws.serialize_compact(header, json.dumps(claims).encode(), own, algorithms=["ES256"])
