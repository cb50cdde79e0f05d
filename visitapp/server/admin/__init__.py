"""What an administrator does: teams, people, devices, assignments, packs, backup and restore. No clinical text is shown.

Everything here runs as the owner of the tables in a transaction that says so; the serving role has no way in.
"""
