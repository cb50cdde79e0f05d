"""Decides what the Settings screen shows and passes on what was chosen. No Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, metadata
from typing import Protocol

from visitapp.config.settings import IDLE_MINUTES, LANGUAGES, TEXT_SIZES, THEMES, Settings
from visitapp.ui.roles import Lanes
from visitapp.ui.wording import count

THEME_WORDS = {"system": "As the computer is set", "light": "Light", "dark": "Dark"}
SIZE_WORDS = {"normal": "Normal", "large": "Large", "largest": "Largest"}
LANGUAGE_WORDS = {"en": "Questions in English", "cy": "Questions in Welsh where a checklist has them"}
_PARTS = (
    "visitapp", "PySide6-Essentials", "PySide6-Pdf", "sqlcipher3", "SQLAlchemy", "alembic", "cryptography", "argon2-cffi",
    "keyring", "httpx2", "msgspec", "zstandard", "reportlab", "pikepdf", "uharfbuzz", "fonttools", "python-bidi",
    "fhirpathpy", "nhs-number", "QtAwesome", "fontpkg-noto-sans", "zxcvbn", "platformdirs",
)  # fmt: skip
_LICENCE_CLASS = "License :: OSI Approved :: "
_LONGEST_LICENCE = 60


@dataclass(frozen=True)
class Part:
    """A part that visitapp is made of."""

    name: str
    version: str
    licence: str


@dataclass(frozen=True)
class SettingsPage:
    """Everything the Settings screen shows."""

    themes: tuple[tuple[str, str], ...]
    theme: str
    sizes: tuple[tuple[str, str], ...]
    size: str
    languages: tuple[tuple[str, str], ...]
    language: str
    minutes: tuple[tuple[str, str], ...]
    idle: str
    facts: tuple[tuple[str, str], ...]


class SettingsShows(Protocol):
    """What the presenter asks of the view."""

    def show_page(self, page: SettingsPage) -> None:
        """Show the settings."""

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Show what visitapp is made of."""


class SettingsPresenter:
    """Applies each choice at once; there is nothing to save."""

    def __init__(
        self,
        view: SettingsShows,
        *,
        settings: Callable[[], Settings],
        change: Callable[[Settings], None],
        facts: Sequence[tuple[str, str]],
        parts: Callable[[], Sequence[Part]],
        lanes: Lanes,
    ) -> None:
        self._view = view
        self._settings = settings
        self._change = change
        self._facts = tuple(facts)
        self._parts = parts
        self._lanes = lanes
        self._has_parts = False

    def open(self) -> None:
        """Show what is set."""
        self._show()
        if not self._has_parts:
            self._has_parts = True
            self._lanes.slowly(self._view, self._parts, self._view.show_parts)

    def choose_theme(self, theme: str) -> None:
        """Change the colours."""
        self._apply(replace(self._settings(), theme=theme))

    def choose_size(self, size: str) -> None:
        """Change the size of text."""
        self._apply(replace(self._settings(), text_size=size))

    def choose_language(self, language: str) -> None:
        """Change the language that checklists ask in; a visit that is open is asked in it when it is opened next."""
        self._apply(replace(self._settings(), language=language))

    def choose_idle(self, minutes: str) -> None:
        """Change after how many idle minutes visitapp locks."""
        self._apply(replace(self._settings(), idle_minutes=int(minutes)))

    def _apply(self, settings: Settings) -> None:
        if settings != self._settings():
            self._change(settings)
            self._show()

    def _show(self) -> None:
        now = self._settings()
        self._view.show_page(
            SettingsPage(
                themes=tuple((name, THEME_WORDS[name]) for name in THEMES),
                theme=now.theme,
                sizes=tuple((size, SIZE_WORDS[size]) for size in TEXT_SIZES),
                size=now.text_size,
                languages=tuple((code, LANGUAGE_WORDS[code]) for code in LANGUAGES),
                language=now.language,
                minutes=tuple((str(n), f"after {count(n, 'minute')}") for n in IDLE_MINUTES),
                idle=str(now.idle_minutes),
                facts=self._facts,
            )
        )


def installed_parts() -> tuple[Part, ...]:
    """Read names, versions and licences of what is installed; reads files, so not on the main thread."""
    return tuple(part for part in map(_part, _PARTS) if part is not None)


def _part(name: str) -> Part | None:
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return None
    classes = told.get_all("Classifier") or []
    said = [
        *(told.get_all("License-Expression") or []),
        *(each.removeprefix(_LICENCE_CLASS) for each in classes if each.startswith(_LICENCE_CLASS)),
        *(told.get_all("License") or []),
    ]
    licence = next((each.splitlines()[0] for each in said if each.strip()), "")
    return Part(name, str(told["Version"]), licence if len(licence) <= _LONGEST_LICENCE else "see its own licence file")
