"""The supervisor's review: a queue of notes, and one note with the visit before it and the thread of what was said.

What belongs here: choosing, reading, commenting on a question or on words of it, and the three decisions. What does not: who
may decide what (`domain/review.py`). Decision: a comment is pinned to question and version and never alters the note. After a
decision the next note opens by itself, so that a morning's queue can be read with a hand on three keys.
"""
