"""Families, visits and the rules about them.

Belongs here: what a family nurse's work is made of, and every rule that would hold on paper too. Does not belong here:
how it is kept (`store`), sent (`protocol`, `sync`), asked (`forms`) or shown (`ui`).

Decision: only the standard library (and `nhs_number` in `people.py`), so that client and server share one set of rules
and each rule can be tested without a window, a database or a network. Consequence: the clock and the source of ids are
handed in, and what leaves a function is a frozen value.
"""
