"""The screen on which two texts become one: both side by side, the words that differ marked, one chosen or one made from both.

Nothing is chosen beforehand: a nurse who presses on without reading would otherwise decide by where a button stands. A decision
that was taken opens in the same shape, to be read.
"""
