"""Promises (承诺) of plans and the notices that keep them: words, matching, periods, the next plan and the year's report."""
