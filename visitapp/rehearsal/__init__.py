"""Invented families, the practice record and the tour: visitapp shown to people without a real family in sight.

Belongs here: what invents a caseload, fills a record with it, and walks through the whole work by real mouse and keys.
Does not belong here: anything a real record needs.

Decision: a practice record is marked as such from its first row and only ever meets a practice server, so that an
invented family cannot reach a service and a real one cannot be typed into a rehearsal unmarked. Consequence: the
rehearsal starts the server as a process of its own, through the same door an administrator uses.
"""
