"""Typed records that rooms hand to each other. Their fields are the columns of the tables (tables.py)."""
