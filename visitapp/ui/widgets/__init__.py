"""The pieces every screen is made of: text, buttons, cards, chips, fields, empty states, and the frame's own parts.

What belongs here: widgets that know the theme and nothing of families or visits. Each has an accessible name, a focus
ring and a size that follows the text. Decision: fonts are set by role in Python and never in the style sheet, because
the faces are variable fonts whose weights a style sheet cannot reach; colours are set by the style sheet and never in
Python, except where a widget paints itself.
"""
