"""Which server a laptop believes: one whose certificate comes from a public authority, or from the one its address names.

An address may end in `#` and the SHA-256 of the authority's certificate: `https://visits.example:8741#3f…`. The certificate
itself is then fetched at enrolment and believed only if it is the one named. From then on no other counts for this service.
"""

import hashlib
import http.client
import re
import ssl
from typing import Final
from urllib.parse import urlsplit

from visitapp.sync.problems import ServiceNotTrusted, ServiceUnreachable

AUTHORITY: Final = "/v1/authority"
_PIN: Final = re.compile(r"[0-9a-f]{64}")
_LARGEST: Final = 16 * 1024
_PATIENCE_S: Final = 10.0


def without_pin(address: str) -> tuple[str, str]:
    """An address as it was typed, and the pin that stood after its `#`, or "". A `#` with something else stays where it is."""
    plain, mark, pin = address.strip().partition("#")
    pin = pin.replace(":", "").replace(" ", "").lower()
    return (plain, pin) if mark and _PIN.fullmatch(pin) and plain.startswith("https://") else (address, "")


def fetch_authority(address: str, pin: str) -> bytes:
    """The certificate (PEM) of the authority that a pin names, as the server shows it.

    Nothing is told to the server and nothing of its answer is believed but a certificate with this hash. Raises
    ServiceNotTrusted, ServiceUnreachable.
    """
    where = urlsplit(address)
    unproved = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unproved.minimum_version = ssl.TLSVersion.TLSv1_2
    unproved.check_hostname = False
    unproved.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(where.hostname or "", where.port, timeout=_PATIENCE_S, context=unproved)
    try:
        connection.request("GET", where.path.rstrip("/") + AUTHORITY)
        shown = connection.getresponse().read(_LARGEST)
    except (OSError, http.client.HTTPException):
        raise ServiceUnreachable from None
    finally:
        connection.close()
    if not _is_named_by(shown, pin):
        raise ServiceNotTrusted
    return shown


def _is_named_by(shown: bytes, pin: str) -> bool:
    try:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown.decode("ascii").strip())).hexdigest() == pin
    except ValueError:
        return False


def context_for(authority: bytes) -> ssl.SSLContext:
    """TLS from version 1.2 on, towards hosts that this authority vouches for and no other. Raises ServiceNotTrusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cadata=authority.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise ServiceNotTrusted from None
    return context


def is_distrust(error: BaseException) -> bool:
    """Whether what broke a connection is that the other side is not whom we believe, or speaks too old a TLS."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return not isinstance(seen, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError | ssl.SSLWantReadError)
        seen = seen.__cause__ or seen.__context__
    return False
