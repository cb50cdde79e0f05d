"""Questionnaires as such: a form tried out, what is loaded on this laptop, and taking in another.

What belongs here: showing a questionnaire that belongs to no visit, with everything that is wrong with it in words. What does not:
judging it (`visitapp.forms`), keeping it (`visitapp.actions.questionnaires`), the widgets of a question (`visitapp.ui.checklist`).
Decision: the preview beside the list, the window of `visitapp forms show` and its picture are one widget with one presenter.
Context: an author who tries a form in one place must see what the nurse will see in another. Consequence: it is given rows by
the engine and keeps no answers, exactly as a sheet of a visit.
"""
