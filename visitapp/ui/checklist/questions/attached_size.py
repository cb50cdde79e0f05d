"""How large a file in a note may be; no Qt."""

MOST_BYTES = 150_000
"""A file travels inside its note: with the words beside it, and written as text, it has to stay below what one record may weigh."""
