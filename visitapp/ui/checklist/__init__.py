"""Checklists on the screen: one widget per type of question, one table that picks it, and the page that shows rows.

What belongs here: how a question looks and which keys answer it. What does not: which questions apply, what is wrong with an
answer, what it is worth; that is `visitapp.forms`. The widgets keep no answers: they show rows and say what was answered.
Decision: a page is told which rows changed and touches only those. Context: rebuilding a form at each key loses the cursor, the
undo history and the frame's 16 ms. Consequence: rows are known by their place, and a field never sets a text it already shows.
"""
