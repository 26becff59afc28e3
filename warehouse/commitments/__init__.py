"""Commitments (承诺落实): promises of plans, the notices that keep them, what people decided about these, and how each stood when."""

from warehouse.commitments.decisions import load_decisions
from warehouse.commitments.history import record_statuses
from warehouse.commitments.match import load_commitments
from warehouse.commitments.tables import COMMITMENT_TABLES

__all__ = ["COMMITMENT_TABLES", "load_commitments", "load_decisions", "record_statuses"]
