"""What the server writes about itself: one JSON object a line, only fields from a list, never anything clinical."""

import hashlib
import json
import logging
import secrets
import sys
import time
from typing import Final

ALLOWED: Final = (
    *("route", "status", "ms", "device", "incident", "refused", "error", "kind", "ops", "feeds", "records"),
    *("accepted", "conflict", "frozen", "gone", "denied", "held", "retry", "want", "bytes_in", "bytes_out", "step"),
    *("operation", "reason", "user", "times"),
)
"""The only names that may be given in `extra`; everything else is dropped."""

_SALT: Final = secrets.token_bytes(16)


class AllowedFields(logging.Formatter):
    """Formats a record from its event name and the allowed fields; messages with arguments and tracebacks never get through."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line: dict[str, object] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.msg if record.name.startswith("visitapp.") else "library",
            "from": record.name,
        }
        line.update({name: getattr(record, name) for name in ALLOWED if hasattr(record, name)})
        return json.dumps(line, ensure_ascii=True, default=lambda value: type(value).__name__)


def hashed(identifier: str) -> str:
    """An id as the log shows it: the same within a day and a run, telling nothing beyond."""
    day = time.strftime("%Y%m%d", time.gmtime())
    return hashlib.blake2b(identifier.encode() + day.encode(), key=_SALT, digest_size=6).hexdigest()


def configure(level: int = logging.INFO) -> None:
    """Sends everything the server and its libraries log to standard error in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AllowedFields())
    root = logging.getLogger()
    for replaced in root.handlers[:]:
        root.removeHandler(replaced)
        replaced.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("visitapp.server").setLevel(level)
