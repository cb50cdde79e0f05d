"""What administrators did, as the organisation's audit tells it."""

from sqlalchemy import Connection

from visitapp.server.audit import newest, verify
from visitapp.server.audit import note as note_deed

__all__ = ["first_broken", "newest", "note_deed"]


def first_broken(connection: Connection) -> int:
    """The number of the first entry that cannot be believed; 0 if the chain is whole."""
    return verify(connection).broken
