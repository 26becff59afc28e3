"""Suites as code, one module a table; each has `checks(case) -> list[Check]`.

Severities: `critical` quarantines the portal's batch, `warning` publishes and flags, `info` records.
"""
