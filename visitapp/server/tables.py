"""The server's tables, as its statements see them; the migrations make them, and a test holds the two equal."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
    text,
)

metadata = MetaData()


def _text(name: str, *, empty: bool = False) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text("''") if empty else None)


def _at(name: str, *, nullable: bool = False, now: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=func.now() if now else None)


team = Table("team", metadata, Column("id", Text, primary_key=True), _text("name"), _at("made_at", now=True))

member = Table(
    "member",
    metadata,
    Column("id", Text, primary_key=True),
    _text("name"),
    _text("role"),
    _text("job_title", empty=True),
    _text("team"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    _at("made_at", now=True),
    Index("member_team", "team"),
)

device = Table(
    "device",
    metadata,
    Column("id", Text, primary_key=True),
    _text("user_id"),
    Column("public_key", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'active'")),
    _at("enrolled_at", now=True),
    _text("origin", empty=True),
    Index("device_user", "user_id"),
)

counter = Table(
    "counter",
    metadata,
    Column("device", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
    _at("seen_at", nullable=True),
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    _text("user_id"),
    _at("made_at", now=True),
    _at("expires_at"),
    _at("used_at", nullable=True),
)

nonce = Table(
    "nonce",
    metadata,
    _text("device"),
    _text("nonce"),
    Column("at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("device", "nonce"),
)

assignment = Table(
    "assignment",
    metadata,
    Column("user_id", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("n", BigInteger, Identity(always=True), nullable=False),
    _text("role"),
    _at("from_at", now=True),
    _at("until_at", nullable=True),
    PrimaryKeyConstraint("user_id", "scope", "n"),
    Index("assignment_scope", "scope"),
)

scope = Table(
    "scope",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False, server_default=text("0")),
    Column("n", Integer, nullable=False, server_default=text("0")),
    Column("dig", BigInteger, nullable=False, server_default=text("0")),
    _text("team", empty=True),
)

opening = Table("opening", metadata, Column("scope", Text, primary_key=True), _text("opened_by"), _at("opened_at", now=True))

rec = Table(
    "rec",
    metadata,
    _text("scope"),
    _text("id"),
    _text("kind"),
    Column("seq", BigInteger, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("h", LargeBinary, nullable=False),
    Column("del", Boolean, nullable=False),
    _text("author"),
    _text("device"),
    _text("op"),
    Column("at_ms", BigInteger, nullable=False),
    Column("recv_ms", BigInteger, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    _text("via", empty=True),
    Column("restored", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("scope", "id"),
    Index("rec_feed", "scope", "seq", unique=True),
)

hist = Table(
    "hist",
    metadata,
    _text("scope"),
    _text("id"),
    Column("rev", Integer, nullable=False),
    _text("op"),
    _text("kind"),
    _text("outcome"),
    Column("h", LargeBinary, nullable=False),
    _text("author"),
    _text("device"),
    Column("at_ms", BigInteger, nullable=False),
    Column("recv_ms", BigInteger, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    _text("via", empty=True),
    Column("restored", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("scope", "id", "rev", "op", "outcome"),
)

receipt = Table(
    "receipt",
    metadata,
    _text("scope"),
    _text("op"),
    _text("user_id"),
    _text("outcome"),
    Column("rev", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    _text("code", empty=True),
    _at("at", now=True),
    PrimaryKeyConstraint("scope", "op"),
)

held = Table(
    "held",
    metadata,
    _text("scope"),
    _text("op"),
    _text("user_id"),
    _text("device"),
    _text("why"),
    _text("meta"),
    Column("raw", LargeBinary, nullable=False),
    _at("at", now=True),
    PrimaryKeyConstraint("scope", "op"),
)

epoch = Table("epoch", metadata, Column("id", Text, primary_key=True), _at("made_at", now=True))

wipe_order = Table(
    "wipe_order",
    metadata,
    Column("id", Text, primary_key=True),
    _text("device"),
    Column("issued_ms", BigInteger, nullable=False),
    _text("by_first", empty=True),
    _text("by_second", empty=True),
    Column("wants_now", Boolean, nullable=False, server_default=text("false")),
    _text("receipt", empty=True),
    _text("unsent", empty=True),
    Column("count", Integer, nullable=False, server_default=text("0")),
    Column("sealed", LargeBinary, nullable=False, server_default=text("''::bytea")),
    _at("received_at", nullable=True),
    Index("wipe_order_device", "device", "issued_ms"),
)

escrow = Table(
    "escrow",
    metadata,
    _text("device"),
    _text("vault"),
    Column("epoch", Integer, nullable=False),
    _text("user_id"),
    Column("sealed_to", LargeBinary, nullable=False),
    Column("about", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    _at("kept_at", now=True),
    PrimaryKeyConstraint("device", "vault", "epoch"),
)

custody_policy = Table(
    "custody_policy",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lease_days", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("recovery_key", LargeBinary, nullable=False),
)

custody_log = Table(
    "custody_log",
    metadata,
    Column("id", Text, primary_key=True),
    _at("at", now=True),
    _text("what"),
    _text("user_id", empty=True),
    _text("device", empty=True),
    _text("by_first", empty=True),
    _text("by_second", empty=True),
)

account = Table(
    "account",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    _text("subject", empty=True),
    _at("made_at", now=True),
    _at("reset_at", now=True),
    _at("ended_at", now=True),
    Index("account_subject", "subject", unique=True, postgresql_where=text("subject <> ''")),
)

setup_code = Table(
    "setup_code",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    _text("user_id"),
    _at("made_at", now=True),
    _at("expires_at"),
    _at("used_at", nullable=True),
)

credential = Table(
    "credential",
    metadata,
    Column("user_id", Text, primary_key=True),
    _text("password"),
    Column("totp", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False, server_default=text("0")),
    _at("set_at"),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    _text("user_id"),
    Column("code_hash", LargeBinary, nullable=False),
    _at("made_at"),
    _at("used_at", nullable=True),
    PrimaryKeyConstraint("user_id", "code_hash"),
)

web_session = Table(
    "web_session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    _text("user_id"),
    _text("role"),
    _text("via"),
    _at("made_at", now=True),
    _at("seen_at", now=True),
    _at("stepped_at", nullable=True),
    _at("ended_at", nullable=True),
)

audit = Table(
    "audit",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    _at("at"),
    _text("who"),
    _text("what"),
    _text("about"),
    _text("told"),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("n", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

anchor = Table(
    "anchor",
    metadata,
    _text("device"),
    Column("n", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    _at("kept_at", now=True),
    PrimaryKeyConstraint("device", "n", "head"),
)

glass = Table(
    "glass",
    metadata,
    Column("id", Text, primary_key=True),
    _text("user_id"),
    _text("family"),
    _text("reason"),
    _at("asked_at", now=True),
    _at("until_at"),
    Index("glass_asked", "asked_at"),
)

service_policy = Table(
    "service_policy",
    metadata,
    Column("name", Text, primary_key=True),
    _text("value"),
    _text("by_user", empty=True),
    _at("at", now=True),
)

family_label = Table("family_label", metadata, Column("scope", Text, primary_key=True), _text("name"))
