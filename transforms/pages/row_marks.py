"""What the facts beside a title look like in a list, printed in a cell or sent as a field."""

from __future__ import annotations

import re

DAY = re.compile(r"(?:19|20)\d\d\s?[-./年]\s?\d{1,2}\s?[-./月]\s?\d{1,2}")
"""A full day, as rows print it."""
DOC_NUMBER = re.compile(
    r"[\u4e00-\u9fff（）()]{1,30}[〔\[【（(﹝]\s?(?:19|20)\d\d\s?[〕\]】）)﹞]\s?第?\s?\d{1,5}\s?号"
    r"|[\u4e00-\u9fff]{2,20}(?:(?:19|20)\d\d\s?年)?\s?第\s?\d{1,5}\s?号"
)
"""例政发〔2025〕1号, 例市人民政府令第12号, 例市某局公告2025年第3号."""
NUMBER_LABEL = re.compile(r"^(?:发文字号|发文文号|发文号|文件编号|文件字号|文\s?号|字\s?号)\s?[:：]\s?")
IN_BRACKETS = re.compile(r"[（(]\s?([^（）()]{4,60})\s?[）)]")
"""A cell that is nothing but a bracket: （例政发〔2025〕1号）."""
INDEX_NUMBER = re.compile(r"[0-9A-Z]{8,22}[/\-]\d{4}-\d{3,6}|[A-Z0-9\-]{6,20}/\d{4}-\d{3,6}")
VALIDITY = {"有效": "in_force", "现行有效": "in_force", "失效": "expired", "已失效": "expired", "废止": "abolished", "已废止": "abolished"}
