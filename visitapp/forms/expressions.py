"""FHIRPath, the one home of fhirpathpy: expressions parsed once, evaluated within bounds of time and size."""

import ctypes
import gc
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from visitapp.forms import extensions as ext
from visitapp.forms import patterns

MAX_TEXT = 10_000
MAX_SECONDS = 0.8
MAX_MADE = 300_000
_MAX_CHARACTERS = 1_000_000
_MAX_BITS = 4096
# fhirpathpy keeps the time of an evaluation in a global of its own.
_ONE_AT_A_TIME = threading.Lock()
_ROOM = "\0room"


class ExpressionError(Exception):
    """An expression that gave no result; `rule` says why: expressionBroken, -Failed, -Timeout, or -Elsewhere with a name."""

    def __init__(self, rule: str, name: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.name = name


class _Exhausted(BaseException):
    """Raised inside an evaluation that has used up its time or room; no Exception, so that nothing in it catches it."""


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """Stops Python code of this thread that runs longer.

    A second thread raises `_Exhausted` in it, again and again until it has gone through: raised while a generator is
    being closed, it would be swallowed.
    """
    finished = threading.Event()
    thread = ctypes.c_ulong(threading.get_ident())

    def watch() -> None:
        wait = seconds
        while not finished.wait(wait):
            _raise_in(thread, ctypes.py_object(_Exhausted))
            wait = 0.02

    watcher = threading.Thread(target=watch, daemon=True)
    # Raised while rubbish is being cleared away it would be lost, and reported as an error of whatever was cleared.
    was_clearing = gc.isenabled()
    gc.disable()
    watcher.start()
    try:
        yield
    finally:
        is_over = False
        while not is_over:
            try:
                finished.set()
                watcher.join()
                _raise_in(thread, None)
                if was_clearing:
                    gc.enable()
                is_over = True
            except _Exhausted:
                continue


_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc


class _Room:
    """How much an evaluation may still make: every list, long text and number of it counts."""

    def __init__(self) -> None:
        self.left = MAX_MADE

    def take(self, made: Any) -> None:
        if isinstance(made, list):
            self.left -= len(made)
            last = made[-1] if made else None
            if isinstance(last, str):
                self.left -= len(last) // 100
            elif isinstance(last, int) and last.bit_length() > _MAX_BITS:
                self.left = -1
        if self.left < 0:
            raise _Exhausted


@lru_cache(maxsize=1)
def _engine() -> Any:
    """fhirpathpy's evaluator with every step counted; its steps call each other by this name."""
    from fhirpathpy import engine

    step: Any = engine.do_eval

    def counted(ctx: Any, data: Any, node: Any) -> Any:
        made = step(ctx, data, node)
        room = ctx["vars"].get(_ROOM)
        if room is not None:
            room.take(made)
        return made

    engine.do_eval = counted
    return engine


def is_readable(text: str) -> bool:
    """Whether the text is FHIRPath."""
    try:
        _parsed(text)
    except ExpressionError:
        return False
    return True


@lru_cache(maxsize=2048)
def _parsed(text: str) -> Any:
    if len(text) > MAX_TEXT:
        raise ExpressionError("expressionBroken")
    from antlr4 import CommonTokenStream, InputStream, ParseTreeWalker  # type: ignore[import-untyped]
    from antlr4.error.ErrorListener import ErrorListener  # type: ignore[import-untyped]
    from fhirpathpy.parser.ASTPathListener import ASTPathListener
    from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
    from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

    class Strict(ErrorListener):  # type: ignore[misc]
        def syntaxError(self, *_: Any) -> None:
            raise ExpressionError("expressionBroken")

    try:
        with _bounded(MAX_SECONDS):
            lexer = FHIRPathLexer(InputStream(text))
            parser = FHIRPathParser(CommonTokenStream(lexer))
            for part in (lexer, parser):
                part.removeErrorListeners()
                part.addErrorListener(Strict())
            tree = parser.expression()
            if parser.getCurrentToken().type != -1:
                raise ExpressionError("expressionBroken")
            listener: Any = ASTPathListener()  # type: ignore[no-untyped-call]
            ParseTreeWalker().walk(listener, tree)
            return listener.parentStack[0]
    except ExpressionError:
        raise
    except _Exhausted:
        raise ExpressionError("expressionTimeout") from None
    except Exception:  # noqa: BLE001 - the parser raises whatever it likes; all of it means that this is no FHIRPath
        raise ExpressionError("expressionBroken") from None


@lru_cache(maxsize=1)
def _model() -> Any:
    from fhirpathpy.models import models

    return models["r4"]


def evaluate(
    text: str,
    base: Mapping[str, Any] | Sequence[Any],
    variables: Mapping[str, Any],
    *,
    path: str | None = None,
    at: datetime | None = None,
    seconds: float = MAX_SECONDS,
) -> list[Any]:
    """The result of an expression, still with fhirpathpy's types around it; `plain` takes them off.

    `path` says what kind of element `base` is ("QuestionnaireResponse.item"), `at` what now() is. Raises
    `ExpressionError`.
    """
    parsed = _parsed(text)
    _engine()
    from fhirpathpy import apply_parsed_path
    from fhirpathpy.engine.nodes import ResourceNode

    model = _model()
    options = {"userInvocationTable": _functions(at), "returnRawData": True}
    try:
        with _ONE_AT_A_TIME, _bounded(min(seconds, MAX_SECONDS)):
            typed: Any = ResourceNode.create_node(base, path) if path else base  # type: ignore[no-untyped-call]
            made = {**variables, _ROOM: _Room()}
            return list(apply_parsed_path(typed, parsed, made, model, options))  # type: ignore[no-untyped-call]
    except _Exhausted:
        raise ExpressionError("expressionTimeout") from None
    except Exception:  # noqa: BLE001 - the evaluator raises bare Exceptions; each means that there is no result
        raise ExpressionError("expressionFailed") from None


def typed_items(items: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Response items as an expression finds them in a response: knowing what they are."""
    from fhirpathpy.engine.nodes import ResourceNode

    path = "QuestionnaireResponse.item"
    return [ResourceNode.create_node(item, path) for item in items]  # type: ignore[no-untyped-call]


def plain(value: Any) -> Any:
    """A result as JSON: decimals as `Decimal`, dates and times as FHIR spells them."""
    from fhirpathpy.engine.nodes import FP_Quantity, FP_Type, ResourceNode

    if isinstance(value, ResourceNode):
        value = value.data
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, FP_Quantity):
        unit = str(value.unit).strip("'")
        return {"value": value.value, "unit": unit, "code": unit, "system": "http://unitsofmeasure.org"}
    return str(value) if isinstance(value, FP_Type) else value


def _functions(at: datetime | None) -> dict[str, Any]:
    """Functions in the place of fhirpathpy's own: those without bounds, those that read the clock, those that fail."""
    table: dict[str, Any] = {
        "matches": _function(_matches, {1: ["String"]}),
        "replaceMatches": _function(_replace_matches, {2: ["String", "String"]}),
        "power": _function(_power, {1: ["Number"]}),
        "replace": _function(_replace, {2: ["String", "String"]}),
        "sum": _function(_sum, {0: []}),
        "avg": _function(_average, {0: []}),
        "ordinal": _function(_ordinal, {0: []}),
        "weight": _function(_ordinal, {0: []}),
    }
    if at is not None:
        on, moment = at.date().isoformat(), at.isoformat(timespec="milliseconds")
        table["today"] = _function(lambda inputs: [on], {0: []})
        table["now"] = _function(lambda inputs: [moment], {0: []})
        table["timeOfDay"] = _function(lambda inputs: [at.strftime("%H:%M:%S")], {0: []})
    return table


def _function(function: Callable[..., list[Any]], arity: Mapping[int, list[str]]) -> dict[str, Any]:
    return {"fn": function, "arity": arity}


def _one(inputs: Sequence[Any], kind: type | tuple[type, ...]) -> Any:
    if len(inputs) > 1 or (inputs and not isinstance(inputs[0], kind)):
        raise TypeError
    return inputs[0] if inputs else None


def _matches(inputs: Sequence[Any], pattern: str) -> list[Any]:
    text = _one(inputs, str)
    if text is None or not isinstance(pattern, str):
        return []
    try:
        return [patterns.occurs(pattern, text)]
    except patterns.PatternTimeout:
        raise _Exhausted from None


def _replace_matches(inputs: Sequence[Any], pattern: str, by: str) -> list[Any]:
    text = _one(inputs, str)
    if text is None or not isinstance(pattern, str) or not isinstance(by, str):
        return []
    try:
        return [patterns.replaced(pattern, text, by)]
    except patterns.PatternTimeout:
        raise _Exhausted from None


def _replace(inputs: Sequence[Any], old: str, new: str) -> list[Any]:
    text = _one(inputs, str)
    if text is None or not isinstance(old, str) or not isinstance(new, str):
        return []
    if (len(text) + 1) * (len(new) + 1) > _MAX_CHARACTERS:
        raise _Exhausted
    return [text.replace(old, new)]


def _power(inputs: Sequence[Any], degree: Any) -> list[Any]:
    number = _one(inputs, (int, Decimal))
    if number is None or isinstance(degree, list):
        return []
    if abs(degree) > 1000 or (number < 0 and degree != int(degree)):
        return []
    return [Decimal(number) ** Decimal(degree)]


def _sum(inputs: Sequence[Any]) -> list[Any]:
    # fhirpathpy's own adds the wrappers of numbers found in a resource, which can't be added.
    return [sum(inputs)]


def _average(inputs: Sequence[Any]) -> list[Any]:
    return [Decimal(sum(inputs)) / len(inputs)] if inputs else []


def _ordinal(inputs: Sequence[Any]) -> list[Any]:
    """The weights of codings, as SDC's ordinal() and weight() give them."""
    found = (ext.says(each, *ext.ORDINAL) for each in inputs if isinstance(each, Mapping))
    return [Decimal(str(weight)) for weight in found if weight is not None]
