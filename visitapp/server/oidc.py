"""Signing in with the organisation (OpenID Connect): authorization code with PKCE, as a confidential client, two factors."""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.jws import JWSRegistry

from visitapp.server.providers import Provider, is_safe

CALLBACK: Final = "/admin/oidc/callback"
_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key that the provider alone has: whatever else it or a token names, `none` and shared secrets never count."""
_LEEWAY_S: Final = 60
_FRESH_S: Final = 60
_KEPT_S: Final = 3600
_AGAIN_S: Final = 60
_IN_VAIN_S: Final = 15
_PATIENCE_S: Final = 5
_MOST_BYTES: Final = 512 * 1024


class NotSignedIn(Exception):
    """The organisation's answer cannot be believed, or does not say enough. `why` is a word for the log, never shown."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Journey:
    """What this browser takes along to the organisation and back, sealed in a cookie; good for ten minutes and one answer."""

    state: str
    nonce: str
    verifier: str
    at_s: int
    confirms: bool = False
    """Somebody who is signed in shows again that it is she."""


class Organisation:
    """Talks to the organisation's provider."""

    def __init__(self, provider: Provider, transport: httpx2.BaseTransport | None = None) -> None:
        self.provider = provider
        self._transport = transport
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}
        self._in_vain_until = 0.0

    def begin(self, *, confirms: bool = False) -> tuple[str, Journey]:
        """Where to send the browser, and what it has to bring back. Raises NotSignedIn."""
        metadata = self._metadata()
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        journey = Journey(state, nonce, verifier, int(time.time()), confirms)
        more: dict[str, Any] = {"max_age": "0", "prompt": "login"} if confirms else {}
        if self.provider.acr:
            more["acr_values"] = " ".join(self.provider.acr)
        with self._client() as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=journey.state, code_verifier=journey.verifier, nonce=journey.nonce, **more
            )
        return str(url), journey

    def finish(self, journey: Journey, told: Mapping[str, str]) -> str:
        """The subject whom the organisation vouches for, second factor included. `told` is what came back. Raises NotSignedIn."""
        if not secrets.compare_digest(told.get("state", "").encode(), journey.state.encode()):
            raise NotSignedIn("state")
        if told.get("error") or not told.get("code"):
            raise NotSignedIn("provider")
        metadata = self._metadata()
        # RFC 9207: an answer that names another issuer was meant for somebody else.
        names_issuer = metadata.get("authorization_response_iss_parameter_supported") is True
        if told.get("iss", self.provider.issuer if not names_issuer else "") != self.provider.issuer:
            raise NotSignedIn("issuer")
        claims = self._claims(self._tokens(metadata, told["code"], journey), journey)
        if not (claims.get("acr") in self.provider.acr or set(claims.get("amr") or ()) & set(self.provider.amr)):
            raise NotSignedIn("second-factor")
        if journey.confirms and not _is_fresh(claims.get("auth_time")):
            raise NotSignedIn("not-fresh")
        return str(claims["sub"])

    def _tokens(self, metadata: Mapping[str, Any], code: str, journey: Journey) -> Mapping[str, Any]:
        try:
            with self._client() as client:
                if self.provider.private_key:
                    client.client_secret, algorithm = _own_key(self.provider.private_key)
                    client.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], alg=algorithm))
                told = client.fetch_token(metadata["token_endpoint"], code=code, code_verifier=journey.verifier)
        except (AuthlibBaseError, JoseError, httpx2.HTTPError, ValueError, KeyError) as trouble:
            raise NotSignedIn(f"token {type(trouble).__name__}") from None
        if not isinstance(told, Mapping) or not isinstance(told.get("id_token"), str):
            raise NotSignedIn("no-id-token")
        return told

    def _claims(self, tokens: Mapping[str, Any], journey: Journey) -> Mapping[str, Any]:
        try:
            token = self._decoded(tokens["id_token"])
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": self.provider.issuer},
                    "aud": {"essential": True, "value": self.provider.client_id},
                    "nonce": {"essential": True, "value": journey.nonce},
                    "sub": {"essential": True},
                },
                {"nonce": journey.nonce, "client_id": self.provider.client_id, "access_token": tokens.get("access_token")},
            )
            claims.validate(leeway=_LEEWAY_S)
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError) as trouble:
            raise NotSignedIn(f"id-token {type(trouble).__name__}") from None
        if claims["iat"] < journey.at_s - _LEEWAY_S:
            raise NotSignedIn("old-token")
        return dict(claims)

    def _decoded(self, id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(id_token, self._keys(), registry=registry)
        except InvalidKeyIdError:
            return jwt.decode(id_token, self._keys(anew=True), registry=registry)

    def _keys(self, *, anew: bool = False) -> KeySet:
        told = self._fetched(str(self._metadata().get("jwks_uri")), _AGAIN_S if anew else _KEPT_S)
        # A provider that published a shared secret would let anyone who reads it sign in.
        keys = [key for key in told.get("keys", ()) if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP")]
        return KeySet.import_key_set({"keys": keys})

    def _metadata(self) -> Mapping[str, Any]:
        found = self._fetched(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration", _KEPT_S)
        ends = [str(found.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if found.get("issuer") != self.provider.issuer or not all(is_safe(end) for end in ends):
            raise NotSignedIn("metadata")
        return found

    def _fetched(self, url: str, kept_s: float) -> Mapping[str, Any]:
        with self._lock:
            at, found = self._kept.get(url, (0.0, {}))
            if found and time.monotonic() - at < kept_s:
                return found
            # Whoever asks in vain holds a thread that laptops need; for a while nobody tries again.
            if time.monotonic() < self._in_vain_until:
                raise NotSignedIn("unreachable")
            self._in_vain_until = time.monotonic() + _IN_VAIN_S
            try:
                with httpx2.Client(transport=self._transport, timeout=_PATIENCE_S, trust_env=False, follow_redirects=False) as http:
                    answer = http.get(url)
                told = answer.json() if answer.status_code == 200 and len(answer.content) <= _MOST_BYTES else None
            except (httpx2.HTTPError, ValueError) as trouble:
                raise NotSignedIn(f"unreachable {type(trouble).__name__}") from None
            if not isinstance(told, dict):
                raise NotSignedIn("metadata")
            self._kept[url] = (time.monotonic(), told)
            self._in_vain_until = 0.0
            return told

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            client_id=self.provider.client_id,
            client_secret=self.provider.secret or None,
            token_endpoint_auth_method="private_key_jwt" if self.provider.private_key else "client_secret_basic",
            scope=self.provider.scope,
            redirect_uri=self.provider.address + CALLBACK,
            code_challenge_method="S256",
            transport=self._transport,
            timeout=_PATIENCE_S,
            trust_env=False,
            follow_redirects=False,
        )


def _own_key(pem: str) -> tuple[RSAKey | ECKey, str]:
    """The key by which this service proves who it is, with the algorithm that goes with it. Raises ValueError."""
    kind = load_pem_private_key(pem.encode(), None)
    if isinstance(kind, RSAPrivateKey):
        return RSAKey.import_key(pem), "PS256"
    if isinstance(kind, EllipticCurvePrivateKey):
        return ECKey.import_key(pem), "ES256"
    raise ValueError("the private key is neither RSA nor an elliptic curve's")


def _is_fresh(told: object) -> bool:
    return isinstance(told, int | float) and abs(time.time() - told) <= _FRESH_S + _LEEWAY_S
