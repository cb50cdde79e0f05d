"""The one screen that is left when a laptop has been without its service for too long: why, what is safe, what still goes."""
