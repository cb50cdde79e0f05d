"""The second factor: six digits from an authenticator app, its key sealed at rest, each digit group accepted once."""

import base64
import hashlib
import hmac
import io
import secrets
from typing import Final

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

STEP_S: Final = 30
_ISSUER: Final = "visitapp"
_NONCE: Final = 12


def derived_secret(key: bytes, name: bytes) -> str:
    """A secret (base32) that the server's key and a name always give again: a form can be shown twice without keeping it."""
    return base64.b32encode(hmac.digest(key, b"visitapp-totp|" + name, "sha256")[:20]).decode()


def sealed(key: bytes, user: str, secret: str) -> bytes:
    """A secret as it lies in the table: useless without the server's key, and to any other account."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_sealing_key(key)).encrypt(nonce, secret.encode(), user.encode())


def opened(key: bytes, user: str, kept: bytes) -> str:
    """The secret again; empty if it was sealed by another key or for another account."""
    try:
        return AESGCM(_sealing_key(key)).decrypt(kept[:_NONCE], kept[_NONCE:], user.encode()).decode()
    except InvalidTag:
        return ""


def _sealing_key(key: bytes) -> bytes:
    return hmac.digest(key, b"visitapp-totp-at-rest", "sha256")


def matching_step(secret: str, digits: str, now_s: int) -> int:
    """The time step whose code this is, now or one step to either side; 0 for none. A step is spent by whoever asks."""
    plain = "".join(letter for letter in digits if letter.isdigit())
    code = pyotp.TOTP(secret, interval=STEP_S)
    here = now_s // STEP_S
    found = [step for step in (here, here - 1, here + 1) if hmac.compare_digest(code.at(step * STEP_S), plain)]
    return found[0] if found else 0


def code_now(secret: str, now_s: int) -> str:
    """The digits that are right now: for practice servers, where nothing is real."""
    return pyotp.TOTP(secret, interval=STEP_S).at(now_s)


def address_of(secret: str, login: str) -> str:
    """What the authenticator app is told: the `otpauth:` address."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=login, issuer_name=_ISSUER)


def picture_of(address: str) -> str:
    """The address as a QR code, an SVG in a `data:` address, black on white in any theme."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, border=4, light="#ffffff", xmldecl=False, svgns=True)
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()


def recovery_codes(count: int = 8) -> tuple[str, ...]:
    """Fresh one-use codes for the day the telephone is gone: 50 bits each, in two groups."""
    letters = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
    return tuple("-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(2)) for _ in range(count))


def recovery_hash(user: str, code: str) -> bytes:
    """What is kept of a recovery code. Case, spaces and dashes don't matter."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(b"visitapp-recovery|" + user.encode() + b"|" + plain.encode()).digest()
