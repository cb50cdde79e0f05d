"""Keeps PySide6 from reading the source of every module that the program imports.

It looks in each for a use of its `__feature__` switches, of which there is none here, and the standard library keeps what was read:
700 files, 21 MB and a tenth of a second. Imported before anything else that is large.
"""

import sys

import PySide6.QtCore  # noqa: F401

_FEATURES = sys.modules.get("shibokensupport.feature")

if hasattr(_FEATURES, "_mod_uses_pyside"):
    # Whatever is answered here only says whether a module may switch features.
    _FEATURES._mod_uses_pyside = lambda module: False  # type: ignore[union-attr]
