"""Signing a visit, and the signed visit as a document: read it, add to it, correct it, strike it.

What belongs here: what is said before the lock falls and after. What does not: what may be signed (`actions/signing.py`) and
what an addendum is (`actions/addenda.py`). Decision: nothing on these screens edits an answer. Context: a signed note is evidence.
Consequence: a correction is a card of its own with old words, new words and reason, and the old answer stays where it was.
"""
