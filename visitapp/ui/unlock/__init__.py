"""The first thing anybody sees: welcome, connecting to a service, choosing a passphrase, unlocking.

Nothing of the record exists here: the screen runs in a process that has never held a key, and hands on whatever the
doors give it (an opened vault and record) without looking inside. No user name is offered or remembered, so that the
screen does not tell a finder of the laptop whose it is.
"""
