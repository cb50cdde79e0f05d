"""What the program reads at its doors: where things lie, what the user chose, how it logs, how it hardens itself.

Context: a path, an environment variable or a setting that is looked up deep inside a program is a global in disguise,
and on a shared laptop a wrong folder is a leak. Decision: everything is read here once, by `desktop.py`, and handed on
as plain values. The data folder is local and never roams, is refused when it lies where a cloud service would copy
it, and holds no name of a nurse or family in any path. A damaged settings file costs the settings and nothing else:
the defaults apply, the damage is told, the file is kept. The log says which line of the program met what kind of
trouble and withholds every text that was passed in, because notes end up in exceptions. Nothing here knows the record,
the vault or Qt.
"""
