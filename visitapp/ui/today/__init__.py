"""The Today screen: whom she sees today, what is due, what needs her, and the week ahead."""
