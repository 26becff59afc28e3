"""The report site (公开报告): what is published, as static pages that a stranger can read offline; see docs/report-site.md."""
