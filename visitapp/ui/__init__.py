"""The desktop's face: the only package that knows Qt.

What belongs here: windows, screens, words, colours, and the few objects that carry work to a thread and its outcome
back. What does not: rules, storage, networking. A screen is a folder with a `view.py` (widgets; decides nothing) and
a `presenter.py` (decides what is shown; knows no Qt and is tested with plain pytest); rows for Qt's item views are in
`model.py`.

Decision: this file imports nothing of Qt, and what a presenter needs of its surroundings (lanes, feed, navigation) is
described as Protocols in `roles.py`, which knows no Qt either. Context: importing any module runs its packages'
`__init__`, so one import of Qt here would put Qt into every presenter. Consequence: presenters load and test in
milliseconds, on machines without a display.
"""

from visitapp.ui.singletons import keep_singletons

# Here and not at a door: every process and every test that shows a window passes this line before its first Qt call.
keep_singletons()
