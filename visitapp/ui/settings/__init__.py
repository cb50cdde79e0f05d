"""The Settings screen: theme, text size, when to lock, about."""
