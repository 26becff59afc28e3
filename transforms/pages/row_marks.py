"""What the facts beside a title look like in a list, printed in a cell or sent as a field."""

from __future__ import annotations

import re

DOC_NUMBER = re.compile(
    r"[\u4e00-\u9fff（）()]{1,30}[〔\[【（(﹝]\s?(?:19|20)\d\d\s?[〕\]】）)﹞]\s?第?\s?\d{1,5}\s?号"
    r"|[\u4e00-\u9fff]{2,20}(?:(?:19|20)\d\d\s?年)?\s?第\s?\d{1,5}\s?号"
)
"""例政发〔2025〕1号, 例市人民政府令第12号, 例市某局公告2025年第3号."""
VALIDITY = {"有效": "in_force", "现行有效": "in_force", "失效": "expired", "已失效": "expired", "废止": "abolished", "已废止": "abolished"}
