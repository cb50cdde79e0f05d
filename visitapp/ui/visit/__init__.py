"""The visit screen: steps at the left, one calm page in the middle, the last visit's plan at the right.

What belongs here: which step shows what, when a draft is saved, and the observation page. What does not: which questions apply
(`forms`), what signing needs (`actions/signing.py`). Decision: the presenter holds one `Filling` per sheet on the main thread and
sends only changed answers to the record lane; nothing on the screen waits for the disk.
"""
