"""The record: the encrypted database on this laptop, and every question that is asked of it.

Belongs here: SQLCipher through SQLAlchemy Core, the tables and their migrations, reading functions that return frozen rows shaped
for a screen, the outbox, what arrives from the server, the audit chain and backups. Doesn't: rules of the work (`domain`), who may
do what (`actions`), the way to the server (`sync`), the key (`vault`; only 32 bytes arrive here).

Decisions:

* Context: a pull must never touch a text that was typed and not yet sent. Decision: `rec` holds what the server acknowledged,
  `edit` lies over it until the receipt, and the tables that screens read are projections of the two. Consequence: taking a change
  back is deleting an overlay, and every projection can be rebuilt from bodies.
* Context: thousands of records are written at once by a first sync or a rehearsal. Decision: a transaction collects its changes and
  writes them in batches at its end or before the first question that would see them. Consequence: a statement per table, not per
  record.
* Context: a screen wants a note's state for hundreds of visits. Decision: the state is a column, refreshed in the same transaction
  for the visits touched. Consequence: lists sort and filter by index.
* Context: words are searched as people type them, without accents. Decision: folding is ours, applied to index and query alike, and
  the index keeps no text of its own. Consequence: a hit's excerpt is cut from the note itself.
* Context: the cipher's checks pass a deleted log, an older file and an older page. Decision: `anchors.py` compares the record at
  opening with what is kept outside it. Consequence: a record that was put back is read and explained, and neither written nor sent
  until somebody decides so; one whose pages are not of one moment is damaged.
* Context: a damaged record may be the only place of a note. Decision: nothing is ever made in its place by itself; a restore is
  asked for, tries the backups from the newest back and puts the damaged files aside. Consequence: files in `aside` until support
  has seen them.
"""
