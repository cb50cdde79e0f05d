"""Reports: what is printed, as PDF bytes made in memory.

A report is given a frozen document (`document.py`) that holds words, never records, and gives bytes back; it opens no
file but its own fonts and writes none. What a copy may show is decided in one place, `selection.py`, before anything
is set: a page can only leak what was handed to it, so the pages are handed the filtered document and nothing else.

Decision: text is set by our own line breaker on reportlab's canvas, not by reportlab's paragraphs. Those interpret
markup (a note that says "<mum> said no" would lose a word, and `<img>` would read a file), draw one glyph per
character and cannot say what a shaped glyph stands for. Here text is only ever text. Consequence: layout is ours too,
a page is a list of blocks that know their height; the number of pages is known before the first is drawn.
"""
