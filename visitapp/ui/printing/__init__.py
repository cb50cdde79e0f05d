"""The print screen: real pages at the left, choices at the right, and on the screen alone what a family copy leaves out.

What belongs here: showing a copy made by `actions/printing.py` and taking it to a printer or a file. What does not: what
stands on paper. Decision: pages come as bytes in memory and go to the printer or to the one file the nurse names. Context: a
temporary file is a copy nobody knows of. Consequence: no viewer of the operating system is ever opened.
"""
