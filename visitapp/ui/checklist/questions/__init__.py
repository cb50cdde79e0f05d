"""One widget per type of question; `table.py` picks it by the item's type and itemControl."""
