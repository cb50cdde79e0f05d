"""The tables of the record on this laptop. The server has its own; a test compares them with the migrations."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

metadata = MetaData()


def _text(name: str, null: bool = True) -> Column[str]:
    return Column(name, Text, nullable=null)


def _int(name: str, null: bool = True) -> Column[int]:
    return Column(name, Integer, nullable=null)


def _texts(*names: str) -> list[Column[str]]:
    return [_text(name, False) for name in names]


def _ints(*names: str) -> list[Column[int]]:
    return [_int(name, False) for name in names]


# What the server acknowledged, one row per record at its newest version. `gen` tells rows of a repair from those
# before it.
rec = Table(
    "rec",
    metadata,
    *_texts("scope", "id", "kind"),
    _int("rev", False),
    Column("h", LargeBinary, nullable=False),
    _int("deleted", False),
    _text("author", False),
    *_ints("received_ms", "gen"),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("scope", "id"),
    Index("rec_kind", "kind", "scope"),
)

# What was changed here and has no final receipt yet; lies over `rec`. `base` is the revision the change was made on.
edit = Table(
    "edit",
    metadata,
    *_texts("scope", "id", "kind"),
    *_ints("base", "deleted", "changed_ms"),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("scope", "id"),
    Index("edit_kind", "kind", "scope"),
)

# Changes on their way. `state`: waiting, sent (frozen byte for byte), or the outcome that needs a person. A body is kept here only
# once the overlay has moved on; until then the overlay's is the one (half the bytes of every save).
outbox = Table(
    "outbox",
    metadata,
    Column("k", Integer, primary_key=True),
    *_texts("op", "grp", "scope", "kind", "id", "family"),
    _int("base", False),
    _text("act", False),
    *_ints("at_ms", "offset_ms", "sv"),
    *_texts("state", "code"),
    _int("tries", False),
    _int("sent_ms"),
    _int("size", False),
    Column("body", LargeBinary),
    UniqueConstraint("op"),
    Index("outbox_record", "scope", "id"),
    Index("outbox_state", "state", "k"),
    Index("outbox_group", "grp"),
    Index("outbox_family", "family", "state", "code"),
    sqlite_autoincrement=True,
)

# What became of an op: the receipts a nurse can be shown.
receipt = Table(
    "receipt",
    metadata,
    Column("op", Text, primary_key=True, nullable=False),
    *_texts("scope", "kind", "id", "outcome"),
    *_ints("rev", "seq"),
    _text("code", False),
    _int("at_ms", False),
    Index("receipt_record", "scope", "id"),
    Index("receipt_at", "at_ms"),
)

# Texts that left the record by a decision or a repair; nothing that was typed is thrown away.
kept = Table(
    "kept",
    metadata,
    Column("k", Integer, primary_key=True),
    *_texts("scope", "id", "kind"),
    _int("rev", False),
    _text("why", False),
    _int("at_ms", False),
    Column("body", LargeBinary, nullable=False),
    Index("kept_record", "scope", "id"),
    sqlite_autoincrement=True,
)

# How far each scope has come. `n` and `digest` are added up here, from the rows that were applied.
cursor = Table(
    "cursor",
    metadata,
    Column("scope", Text, primary_key=True, nullable=False),
    _text("role", False),
    *_ints("seq", "head", "n", "digest", "gen", "repairs", "lost"),
    _int("at_ms"),
)

sync_log = Table(
    "sync_log",
    metadata,
    Column("k", Integer, primary_key=True),
    *_ints("started_ms", "ended_ms"),
    _text("outcome", False),
    *_ints("sent", "received", "up_bytes", "down_bytes", "requests"),
    _text("problem", False),
    sqlite_autoincrement=True,
)

meta = Table("meta", metadata, Column("key", Text, primary_key=True, nullable=False), _text("value", False))

# Append-only by triggers; ids only, never a word of a note.
audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("prev", LargeBinary, nullable=False),
    _text("entry", False),
    Column("hash", LargeBinary, nullable=False),
)

# Projections: what screens sort and filter by. Each can be rebuilt from `rec` and `edit`.
family = Table(
    "family",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("name", "fold", "state"),
    _text("state_on"),
    _text("enrolled_on"),
    _text("line"),
    _text("town"),
    _text("postcode"),
    _text("phone"),
    _text("safe_contact"),
    _text("nurse"),
    _text("nurse_name"),
    *_texts("programmes", "alerts"),
    _int("interpreter", False),
    _text("language"),
    _text("gp"),
    Index("family_fold", "fold"),
)

person = Table(
    "person",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("family", "role", "given_name", "family_name", "known_as", "pronouns"),
    _text("born_on"),
    _text("due_on"),
    _text("died_on"),
    _int("gestation_days"),
    *_texts("nhs_number", "sex", "phone", "language"),
    *_ints("parental_responsibility", "lives_here"),
    *_texts("colour", "twin_of"),
    _int("ord", False),
    *_texts("note", "fold"),
    Index("person_family", "family", "ord"),
    Index("person_nhs", "nhs_number"),
)

# Every name of a family in one narrow row: "any part of a name" is a scan of a few pages.
name = Table("name", metadata, Column("family", Text, primary_key=True, nullable=False), _text("fold", False))

visit = Table(
    "visit",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("family", "state", "author", "author_name", "author_role"),
    _int("started_ms", False),
    _int("ended_ms"),
    _int("signed_ms", False),
    *_texts("outcome", "mode"),
    _int("late", False),
    *_texts("babies_seen", "baby_ids", "phase", "summary", "flags"),
    *_ints("flagged", "version", "answered"),
    _text("h", False),
    _int("received_ms"),
    Index("visit_family", "family", "started_ms", "outcome", "babies_seen", "state"),
    Index("visit_state", "state", "flagged", "started_ms"),
    Index("visit_started", "started_ms"),
)

part = Table(
    "part",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("scope", "visit", "family", "section", "questionnaire", "subject_kind", "subject", "subject_role", "caregiver"),
    _int("restricted", False),
    _text("title", False),
    Index("part_visit", "visit"),
    Index("part_questionnaire", "family", "questionnaire"),
)

addendum = Table(
    "addendum",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("scope", "visit", "family", "author"),
    _int("written_ms", False),
    _text("replies_to", False),
    Index("addendum_visit", "visit", "written_ms"),
)

error_mark = Table(
    "error_mark",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("visit", "family"),
    _int("at_ms", False),
    Index("error_mark_visit", "visit"),
)

review = Table(
    "review",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("visit", "family", "action", "author"),
    _int("at_ms", False),
    _text("replies_to", False),
    Index("review_visit", "visit", "at_ms"),
    Index("review_replies", "replies_to"),
)

begun = Table(
    "begun",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("visit", "family", "author", "author_name"),
    *_ints("started_ms", "closed"),
    Index("begun_family", "family", "closed"),
    Index("begun_closed", "closed", "started_ms"),
)

draft = Table(
    "draft",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("scope", "family", "author"),
    *_ints("started_ms", "updated_ms"),
    *_texts("step", "outcome", "mode", "baby_ids"),
    Index("draft_family", "family"),
)

referral = Table(
    "referral",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("family", "person", "recipient", "state"),
    _text("state_on"),
    Index("referral_family", "family", "state"),
)

measurement = Table(
    "measurement",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("family", "person", "visit", "code"),
    Column("value", Text, nullable=False),
    _text("unit", False),
    _text("taken_on"),
    _text("replaces", False),
    Index("measurement_person", "person", "code", "taken_on"),
    Index("measurement_family", "family"),
)

plan_item = Table(
    "plan_item",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    *_texts("family", "what", "kind", "who"),
    _text("due_on"),
    _text("done_on"),
    _int("agreed", False),
    *_texts("from_visit", "at"),
    Index("plan_item_family", "family", "kind", "done_on", "due_on"),
    Index("plan_item_due", "kind", "done_on", "due_on"),
)

# Which text an entry of the word index stands for; the index itself (`word`, FTS5) keeps no text.
searched = Table(
    "searched",
    metadata,
    Column("doc", Integer, primary_key=True),
    *_texts("scope", "id", "kind", "family", "visit"),
    _int("restricted", False),
    UniqueConstraint("scope", "id"),
    Index("searched_family", "family"),
)

EXTRA_DDL = (
    "CREATE VIRTUAL TABLE word USING fts5(text, content='', contentless_delete=1, "
    "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co M*'\")",
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_grows BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_adds BEFORE INSERT ON audit WHEN NEW.seq IS NOT 1 + (SELECT coalesce(max(seq), 0) FROM "
    "audit) "
    "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
)
