"""Pure reading of pages and files: bytes or text in, typed records out. No module here does I/O."""

EXTRACTOR_VERSION = "0.8.0"
"""Stands on every extracted row; raise it with every change of what is read."""
