"""The screens behind "Passphrase" and "Backups" in the settings: what keeps a record safe on this laptop."""
