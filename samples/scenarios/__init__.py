"""The faults of portals as named scenarios: each a small portal of its own, its nights, and what a correct crawl makes of them."""
