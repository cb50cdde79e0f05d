"""The first form of the record on a laptop."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out, not taken from `tables.py`: a released step never changes, whatever the tables become.
_STATEMENTS = (
    "CREATE TABLE addendum ( id TEXT NOT NULL, scope TEXT NOT NULL, visit TEXT NOT NULL, family TEXT NOT NULL, "
    "author TEXT NOT NULL, written_ms INTEGER NOT NULL, replies_to TEXT NOT NULL, PRIMARY KEY (id) )",
    "CREATE INDEX addendum_visit ON addendum (visit, written_ms)",
    "CREATE TABLE audit ( seq INTEGER NOT NULL, prev BLOB NOT NULL, entry TEXT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (seq) )",
    "CREATE TABLE begun ( id TEXT NOT NULL, visit TEXT NOT NULL, family TEXT NOT NULL, author TEXT NOT NULL, "
    "author_name TEXT NOT NULL, started_ms INTEGER NOT NULL, closed INTEGER NOT NULL, PRIMARY KEY (id) )",
    "CREATE INDEX begun_closed ON begun (closed, started_ms)",
    "CREATE INDEX begun_family ON begun (family, closed)",
    "CREATE TABLE cursor ( scope TEXT NOT NULL, role TEXT NOT NULL, seq INTEGER NOT NULL, head INTEGER NOT NULL, "
    "n INTEGER NOT NULL, digest INTEGER NOT NULL, gen INTEGER NOT NULL, repairs INTEGER NOT NULL, lost INTEGER "
    "NOT NULL, at_ms INTEGER, PRIMARY KEY (scope) )",
    "CREATE TABLE draft ( id TEXT NOT NULL, scope TEXT NOT NULL, family TEXT NOT NULL, author TEXT NOT NULL, "
    "started_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, step TEXT NOT NULL, outcome TEXT NOT NULL, mode "
    "TEXT NOT NULL, baby_ids TEXT NOT NULL, PRIMARY KEY (id) )",
    "CREATE INDEX draft_family ON draft (family)",
    "CREATE TABLE edit ( scope TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, base INTEGER NOT NULL, "
    "deleted INTEGER NOT NULL, changed_ms INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (scope, id) )",
    "CREATE INDEX edit_kind ON edit (kind, scope)",
    "CREATE TABLE error_mark ( id TEXT NOT NULL, visit TEXT NOT NULL, family TEXT NOT NULL, at_ms INTEGER NOT "
    "NULL, PRIMARY KEY (id) )",
    "CREATE INDEX error_mark_visit ON error_mark (visit)",
    "CREATE TABLE family ( id TEXT NOT NULL, name TEXT NOT NULL, fold TEXT NOT NULL, state TEXT NOT NULL, "
    "state_on TEXT, enrolled_on TEXT, line TEXT, town TEXT, postcode TEXT, phone TEXT, safe_contact TEXT, nurse "
    "TEXT, nurse_name TEXT, programmes TEXT NOT NULL, alerts TEXT NOT NULL, interpreter INTEGER NOT NULL, "
    "language TEXT, gp TEXT, PRIMARY KEY (id) )",
    "CREATE INDEX family_fold ON family (fold)",
    "CREATE TABLE kept ( k INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, scope TEXT NOT NULL, id TEXT NOT NULL, "
    "kind TEXT NOT NULL, rev INTEGER NOT NULL, why TEXT NOT NULL, at_ms INTEGER NOT NULL, body BLOB NOT NULL )",
    "CREATE INDEX kept_record ON kept (scope, id)",
    "CREATE TABLE measurement ( id TEXT NOT NULL, family TEXT NOT NULL, person TEXT NOT NULL, visit TEXT NOT "
    "NULL, code TEXT NOT NULL, value TEXT NOT NULL, unit TEXT NOT NULL, taken_on TEXT, replaces TEXT NOT NULL, "
    "PRIMARY KEY (id) )",
    "CREATE INDEX measurement_family ON measurement (family)",
    "CREATE INDEX measurement_person ON measurement (person, code, taken_on)",
    'CREATE TABLE meta ( "key" TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key") )',
    "CREATE TABLE name ( family TEXT NOT NULL, fold TEXT NOT NULL, PRIMARY KEY (family) )",
    "CREATE TABLE outbox ( k INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, op TEXT NOT NULL, grp TEXT NOT NULL, "
    "scope TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, family TEXT NOT NULL, base INTEGER NOT NULL, act "
    "TEXT NOT NULL, at_ms INTEGER NOT NULL, offset_ms INTEGER NOT NULL, sv INTEGER NOT NULL, state TEXT NOT NULL, "
    "code TEXT NOT NULL, tries INTEGER NOT NULL, sent_ms INTEGER, size INTEGER NOT NULL, body BLOB, UNIQUE (op) )",
    "CREATE INDEX outbox_family ON outbox (family, state, code)",
    "CREATE INDEX outbox_group ON outbox (grp)",
    "CREATE INDEX outbox_record ON outbox (scope, id)",
    "CREATE INDEX outbox_state ON outbox (state, k)",
    "CREATE TABLE part ( id TEXT NOT NULL, scope TEXT NOT NULL, visit TEXT NOT NULL, family TEXT NOT NULL, "
    "section TEXT NOT NULL, questionnaire TEXT NOT NULL, subject_kind TEXT NOT NULL, subject TEXT NOT NULL, "
    "subject_role TEXT NOT NULL, caregiver TEXT NOT NULL, restricted INTEGER NOT NULL, title TEXT NOT NULL, "
    "PRIMARY KEY (id) )",
    "CREATE INDEX part_questionnaire ON part (family, questionnaire)",
    "CREATE INDEX part_visit ON part (visit)",
    "CREATE TABLE person ( id TEXT NOT NULL, family TEXT NOT NULL, role TEXT NOT NULL, given_name TEXT NOT NULL, "
    "family_name TEXT NOT NULL, known_as TEXT NOT NULL, pronouns TEXT NOT NULL, born_on TEXT, due_on TEXT, "
    "died_on TEXT, gestation_days INTEGER, nhs_number TEXT NOT NULL, sex TEXT NOT NULL, phone TEXT NOT NULL, "
    "language TEXT NOT NULL, parental_responsibility INTEGER NOT NULL, lives_here INTEGER NOT NULL, colour TEXT "
    "NOT NULL, twin_of TEXT NOT NULL, ord INTEGER NOT NULL, note TEXT NOT NULL, fold TEXT NOT NULL, PRIMARY KEY "
    "(id) )",
    "CREATE INDEX person_family ON person (family, ord)",
    "CREATE INDEX person_nhs ON person (nhs_number)",
    "CREATE TABLE plan_item ( id TEXT NOT NULL, family TEXT NOT NULL, what TEXT NOT NULL, kind TEXT NOT NULL, who "
    "TEXT NOT NULL, due_on TEXT, done_on TEXT, agreed INTEGER NOT NULL, from_visit TEXT NOT NULL, at TEXT NOT "
    "NULL, PRIMARY KEY (id) )",
    "CREATE INDEX plan_item_due ON plan_item (kind, done_on, due_on)",
    "CREATE INDEX plan_item_family ON plan_item (family, kind, done_on, due_on)",
    "CREATE TABLE rec ( scope TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, rev INTEGER NOT NULL, h BLOB "
    "NOT NULL, deleted INTEGER NOT NULL, author TEXT NOT NULL, received_ms INTEGER NOT NULL, gen INTEGER NOT "
    "NULL, body BLOB NOT NULL, UNIQUE (scope, id) )",
    "CREATE INDEX rec_kind ON rec (kind, scope)",
    "CREATE TABLE receipt ( op TEXT NOT NULL, scope TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, outcome "
    "TEXT NOT NULL, rev INTEGER NOT NULL, seq INTEGER NOT NULL, code TEXT NOT NULL, at_ms INTEGER NOT NULL, "
    "PRIMARY KEY (op) )",
    "CREATE INDEX receipt_at ON receipt (at_ms)",
    "CREATE INDEX receipt_record ON receipt (scope, id)",
    "CREATE TABLE referral ( id TEXT NOT NULL, family TEXT NOT NULL, person TEXT NOT NULL, recipient TEXT NOT "
    "NULL, state TEXT NOT NULL, state_on TEXT, PRIMARY KEY (id) )",
    "CREATE INDEX referral_family ON referral (family, state)",
    "CREATE TABLE review ( id TEXT NOT NULL, visit TEXT NOT NULL, family TEXT NOT NULL, action TEXT NOT NULL, "
    "author TEXT NOT NULL, at_ms INTEGER NOT NULL, replies_to TEXT NOT NULL, PRIMARY KEY (id) )",
    "CREATE INDEX review_replies ON review (replies_to)",
    "CREATE INDEX review_visit ON review (visit, at_ms)",
    "CREATE TABLE searched ( doc INTEGER NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, "
    "family TEXT NOT NULL, visit TEXT NOT NULL, restricted INTEGER NOT NULL, PRIMARY KEY (doc), UNIQUE (scope, "
    "id) )",
    "CREATE INDEX searched_family ON searched (family)",
    "CREATE TABLE sync_log ( k INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, started_ms INTEGER NOT NULL, ended_ms "
    "INTEGER NOT NULL, outcome TEXT NOT NULL, sent INTEGER NOT NULL, received INTEGER NOT NULL, up_bytes INTEGER "
    "NOT NULL, down_bytes INTEGER NOT NULL, requests INTEGER NOT NULL, problem TEXT NOT NULL )",
    "CREATE TABLE visit ( id TEXT NOT NULL, family TEXT NOT NULL, state TEXT NOT NULL, author TEXT NOT NULL, "
    "author_name TEXT NOT NULL, author_role TEXT NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER, "
    "signed_ms INTEGER NOT NULL, outcome TEXT NOT NULL, mode TEXT NOT NULL, late INTEGER NOT NULL, babies_seen "
    "TEXT NOT NULL, baby_ids TEXT NOT NULL, phase TEXT NOT NULL, summary TEXT NOT NULL, flags TEXT NOT NULL, "
    "flagged INTEGER NOT NULL, version INTEGER NOT NULL, answered INTEGER NOT NULL, h TEXT NOT NULL, received_ms "
    "INTEGER, PRIMARY KEY (id) )",
    "CREATE INDEX visit_family ON visit (family, started_ms, outcome, babies_seen, state)",
    "CREATE INDEX visit_started ON visit (started_ms)",
    "CREATE INDEX visit_state ON visit (state, flagged, started_ms)",
    "CREATE VIRTUAL TABLE word USING fts5(text, content='', contentless_delete=1, tokenize=\"unicode61 "
    "remove_diacritics 0 categories 'L* N* Co M*'\")",
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_grows BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_adds BEFORE INSERT ON audit WHEN NEW.seq IS NOT 1 + (SELECT coalesce(max(seq), 0) FROM "
    "audit) BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
)


def upgrade() -> None:
    """Make every table, index, trigger and the word index."""
    for statement in _STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
