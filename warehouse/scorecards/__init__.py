"""Scorecards over the marts: what checks find (measures), points (transforms/scoring.py), tables, history and appeals."""
