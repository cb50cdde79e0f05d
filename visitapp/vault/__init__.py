"""The vault: from what a nurse knows and what her laptop holds to the key of the record.

Context: a laptop on a kitchen table is stolen, shared with a partner or copied. The operating system's keyring alone
protects nothing on a shared login, because every process of that login reads it; a passphrase alone can be guessed
offline from a copied disk. Decision: both are needed. Argon2id of the passphrase is mixed with a random secret from the
keyring into the key that wraps a random master key; every other key is derived from that master key. The wrapped key
lies in a small header file, `vault.json`, beside the record and never inside it, so that a new passphrase re-wraps 32
bytes and touches no page of the database. The header carries two codes: a *seal* made with the keyring secret, which
finds any change before the slow derivation begins (damage is never mistaken for a wrong passphrase), and a *mac* made
with the master key, which nobody can forge who has not unlocked. Consequences: losing the keyring entry or the
passphrase loses what the server has not received, unless the master key is in escrow.

Escrow: a second slot holds the master key sealed (HPKE) to the organisation's recovery key, whose private half exists
only in parts on paper. `recovery.py` leads from a laptop's request to a new passphrase, with two administrators and no
network; where there is escrow, the tenth wrong passphrase empties the first slot, so that guessing ends and nothing is
lost. `lease.py` judges how long a laptop may be without its service, `wiping.py` takes a vault away by order; what both
believe is signed by the service (`protocol/papers.py`).

Anchors: header and secret store keep how far the record had come (commits, head of the audit chain, code over its
pages), because the encryption of the record finds a changed page but neither a lost log nor an older file. Nothing here
opens a database, knows the network or words a message; the header only mirrors a commit counter that `desktop.py` hands
over, because vault and store are strangers.
"""
