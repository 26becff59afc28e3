"""CMS families as servers: each module builds all of a portal's answers from its content."""
