"""Judgements about batches: Great Expectations suites as code, completeness, evidence, Data Docs."""

import os

# Set here because every module below is imported after this one: Great Expectations can never be loaded with telemetry on.
os.environ["GX_ANALYTICS_ENABLED"] = "False"
