"""The Help screen: pages that ship with the application, searchable, opened where the user is."""
