"""Rules of this house that no general linter knows, kept by reading every line of the product as a syntax tree."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PRODUCT = ROOT / "visitapp"
DOORS = ("__main__.py", "doctor.py", "forms/door.py", "server/", "rehearsal/")
"""What a person starts in a terminal may print."""
SCHEMA = ("server/migrations/", "store/migrations/")
"""Statements that make tables: they have no values at all, and their names are constants of the same file."""


CHANCE = ("sync/loop.py", "sync/client.py")
"""Waits are spread by chance; nothing there is a secret."""


@dataclass(frozen=True)
class Module:
    """One file of the product."""

    name: str
    tree: ast.Module

    def calls(self, *wanted: str) -> Iterator[ast.Call]:
        """Calls whose last name is one of `wanted`: `text(…)` and `sqlalchemy.text(…)` alike."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and last_name(node.func) in wanted:
                yield node

    def names(self) -> Iterator[tuple[str, int]]:
        """Every name that is read, imported or reached by a dot."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                yield node.attr, node.lineno
            elif isinstance(node, ast.Name):
                yield node.id, node.lineno
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    yield alias.name, node.lineno


def last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@cache
def modules() -> tuple[Module, ...]:
    return tuple(
        Module(str(path.relative_to(PRODUCT)), ast.parse(path.read_text("utf-8"))) for path in sorted(PRODUCT.rglob("*.py"))
    )


def is_literal(node: ast.expr) -> bool:
    """A string that is the same whatever the program has read: literals, added or joined by themselves."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return is_literal(node.left) and is_literal(node.right)
    return False


def found_names(module: Module, forbidden: frozenset[str]) -> Iterator[int]:
    return (line for name, line in module.names() if name in forbidden)


def module_level_keyring(module: Module) -> Iterator[int]:
    """keyring.get_password asks whatever backend the environment names; only an exact backend is asked."""
    for node in ast.walk(module.tree):
        is_call_of_keyring = (
            isinstance(node, ast.Attribute)
            and node.attr in ("get_password", "set_password", "delete_password", "get_keyring", "set_keyring", "get_credential")
            and isinstance(node.value, ast.Name)
            and node.value.id == "keyring"
        )
        if is_call_of_keyring:
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "keyring":
            yield from (node.lineno for alias in node.names if alias.name not in ("errors", "backends", "backend"))


def temporary_files(module: Module) -> Iterator[int]:
    """What a family has said never rests in a temporary file; practice data and an empty check of the doctor may."""
    if not module.name.startswith(("rehearsal/scratch.py", "doctor.py", "config/hardening.py")):
        forbidden = {"QTemporaryFile", "QTemporaryDir", "NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "mkstemp"}
        yield from found_names(module, frozenset({*forbidden, "mkdtemp", "TemporaryDirectory", "mktemp"}))


def printing(module: Module) -> Iterator[int]:
    if not module.name.startswith(DOORS) and module.name != "ui/questionnaires/door.py":
        yield from (call.lineno for call in module.calls("print", "pprint"))


def code_from_data(module: Module) -> Iterator[int]:
    """Nothing that was read is ever run: no eval, exec, pickle, shell."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec", "__import__"):
            yield node.lineno
        if isinstance(node, ast.Import | ast.ImportFrom):
            told = {getattr(node, "module", "") or "", *(alias.name for alias in node.names)}
            if told & {"pickle", "marshal", "shelve", "yaml", "dill", "xml.etree.ElementTree", "xml.dom", "lxml"}:
                yield node.lineno
        if isinstance(node, ast.keyword) and node.arg == "shell":
            yield node.value.lineno
    yield from found_names(module, frozenset({"popen", "getoutput", "from_string"}))
    yield from (
        call.lineno
        for call in module.calls("system")
        if isinstance(call.func, ast.Attribute) and last_name(call.func.value) == "os"
    )


def unverified_tls(module: Module) -> Iterator[int]:
    if module.name == "sync/trust.py":
        return  # reads one certificate, believes it only if its hash is the pin; test_tls.py shows that nothing else passes
    for node in ast.walk(module.tree):
        if isinstance(node, ast.keyword) and node.arg == "verify" and isinstance(node.value, ast.Constant) and not node.value.value:
            yield node.value.lineno
    yield from found_names(module, frozenset({"_create_unverified_context", "CERT_NONE"}))


def weak_chance_and_hashes(module: Module) -> Iterator[int]:
    """Secrets come from `secrets` and os.urandom; MD5 and SHA-1 are used for nothing."""
    yield from found_names(module, frozenset({"md5", "sha1", "new_md5"}))
    if not module.name.startswith(("rehearsal/", *CHANCE)):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                yield from (node.lineno for alias in node.names if alias.name == "random")
            if isinstance(node, ast.ImportFrom) and node.module == "random":
                yield node.lineno


def spoken_logs(module: Module) -> Iterator[int]:
    """A log's message is a literal; what is passed beside it is a number, a type's name or a named field, never an object."""
    for call in module.calls("debug", "info", "warning", "error", "critical", "exception", "log"):
        if not (
            isinstance(call.func, ast.Attribute) and last_name(call.func.value) in ("log", "_log", "logger", "_logger", "logging")
        ):
            continue
        if not call.args or not is_literal(call.args[0]):
            yield call.lineno
        yield from (call.lineno for argument in call.args[1:] if not is_tellable(argument))
        if module.name.startswith("server/") and len(call.args) > 1:
            # The server's formatter shows named fields alone.
            yield call.lineno


def is_tellable(node: ast.expr) -> bool:
    """The name of a type, a count, or a report that was made to be told."""
    if isinstance(node, ast.Attribute):
        return node.attr in ("__name__", "__qualname__", "name")
    if isinstance(node, ast.Call):
        return last_name(node.func) in ("len", "int", "round", "sum")
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.Name) and node.id in ("report", "count", "number", "ms", "seconds")
    )


def paragraphs_of_markup(module: Module) -> Iterator[int]:
    """reportlab's Paragraph reads markup, and with it files: every word on paper is drawn as glyphs instead."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reportlab"):
            yield from (node.lineno for alias in node.names if alias.name in ("Paragraph", "XPreformatted", "ParagraphAndImage"))


def rich_text(module: Module) -> Iterator[int]:
    """Rich text reads files and follows links: only words of our own are shown as such."""
    own_words = ("ui/checklist/questions/question.py", "ui/help/", "ui/disagreement/view.py", "ui/questionnaires/")
    if not module.name.startswith(own_words):
        yield from found_names(
            module, frozenset({"setHtml", "insertHtml", "RichText", "AutoText", "QTextBrowser", "MarkdownText", "setMarkdown"})
        )


@dataclass(frozen=True)
class Rule:
    """A rule, and the places that break it."""

    name: str
    breaks: Callable[[Module], Iterator[int]]


RULES = [
    Rule(function.__name__, function)
    for function in (
        *(module_level_keyring, temporary_files, printing, code_from_data, unverified_tls, weak_chance_and_hashes),
        *(spoken_logs, paragraphs_of_markup, rich_text),
    )
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_line_of_the_product_breaks_the_rule(rule: Rule) -> None:
    assert [f"{module.name}:{line}" for module in modules() for line in rule.breaks(module)] == []


BREAKING = {
    "module_level_keyring": "import keyring\nkeyring.get_password('a', 'b')\n",
    "temporary_files": "import tempfile\ntempfile.NamedTemporaryFile()\n",
    "printing": "print(note)\n",
    "code_from_data": "import subprocess\nsubprocess.run(words, shell=True)\n",
    "unverified_tls": "client = Client(verify=False)\n",
    "weak_chance_and_hashes": "import random\n",
    "spoken_logs": "_log.info('opened %s', family)\n",
    "paragraphs_of_markup": "from reportlab.platypus import Paragraph\n",
    "rich_text": "label.setTextFormat(Qt.TextFormat.RichText)\n",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_line_that_breaks_the_rule_is_found(rule: Rule) -> None:
    assert list(rule.breaks(Module("ui/somewhere.py", ast.parse(BREAKING[rule.name]))))


SQL = ("text", "execute", "exec_driver_sql", "executemany", "executescript", "scalar", "scalars")
FROM_OWN_NAMES = {
    ("server/accounts.py", "changed"): "one of two literals above it",
    ("server/accounts.py", "words"): "one of two literals above it",
    ("server/accounts.py", "condition"): "a literal of each caller in the file",
    ("server/admin/staffing.py", "_NOW"): "a literal of the file",
    ("server/signin.py", "calls"): "names of keyword arguments; their values are bound",
    ("server/database.py", "made.format(sql.Identifier(role), sql.Literal(password))"): "quoted by psycopg",
    ("server/database.py", "made.format(*names)"): "identifiers, quoted by psycopg",
    ("server/database.py", "let_in.format(sql.Identifier(database), sql.Identifier(SERVING))"): "quoted by psycopg",
    ("store/connection.py", "_LOG_PAGES_IN_BULK if in_bulk else LOG_PAGES"): "numbers of the file",
    ("store/connection.py", "_CACHE_IN_BULK if in_bulk else _CACHE"): "numbers of the file",
    ("store/connection.py", "page_bytes"): "a number; a pragma takes no bound value",
    ("store/connection.py", "setting"): "the settings of the file",
    ("store/deciding.py", "_STUCK"): "a literal of the file",
    ("store/incoming.py", "table"): "the tables of the file",
    ("store/incoming.py", "column"): "the columns of the file",
    ("store/people.py", "statement.format(where='')"): "a literal of the file",
    ("store/people.py", "statement.format(where=condition)"): "one of the file's literals",
    ("store/plan.py", "_PLAN"): "a literal of the file",
    ("store/projections.py", "kind"): "the kinds of the file",
    ("store/projections.py", "' AND family = :left' if kind in MOVABLE else ''"): "one of two literals",
    ("store/search.py", "_SCAN.format(clauses)"): "numbered places for bound values",
}
"""What a statement is put together from beside literals, and why no value can come in that way."""


def pieces(node: ast.expr) -> Iterator[ast.expr]:
    """What a statement is put together from that is not a literal."""
    if isinstance(node, ast.JoinedStr):
        yield from (value.value for value in node.values if isinstance(value, ast.FormattedValue))
    elif isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            if not is_literal(side):
                yield from pieces(side) if isinstance(side, ast.BinOp | ast.JoinedStr) else iter([side])
    elif isinstance(node, ast.Call) and last_name(node.func) in ("format", "join") and not is_quoted_by_psycopg(node):
        yield node


def is_quoted_by_psycopg(node: ast.Call) -> bool:
    """sql.SQL(…).format(sql.Identifier(…), sql.Literal(…)) quotes each part as what it is."""
    return (
        isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call) and last_name(node.func.value.func) == "SQL"
    )


def statements_put_together(module: Module) -> list[tuple[str, str]]:
    if not module.name.startswith(("store/", "server/")) or module.name.startswith(SCHEMA):
        return []
    return [(module.name, ast.unparse(piece)) for call in module.calls(*SQL) if call.args for piece in pieces(call.args[0])]


def test_no_statement_is_put_together_from_a_value() -> None:
    found = {place for module in modules() for place in statements_put_together(module)}
    assert found - set(FROM_OWN_NAMES) == set()


def test_a_statement_put_together_from_a_value_is_found() -> None:
    for line in (
        "c.execute(f'select {name}')",
        "c.execute(text('select ' + name))",
        "c.execute('select {}'.format(name))",
        "text('a %s' % b)",
    ):
        assert statements_put_together(Module("store/somewhere.py", ast.parse(line)))


def test_every_library_call_that_makes_sql_readable_by_errors_hides_its_values() -> None:
    """SQLAlchemy quotes bound values in its errors unless it is told not to."""
    for module in modules():
        for call in module.calls("create_engine"):
            told = {word.arg: word.value for word in call.keywords}
            assert isinstance(told.get("hide_parameters"), ast.Constant), f"{module.name}:{call.lineno}"
