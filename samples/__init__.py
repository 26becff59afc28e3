"""The sample town: a local web server that speaks the portals' CMS families, with known truth and chosen faults."""
