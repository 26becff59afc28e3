"""Suites as code, one module a table; each has `checks(chunk) -> list[Check]` over all batches of a chunk.

Severities: `critical` quarantines the portal's batch, `warning` publishes and flags, `info` records.
"""
