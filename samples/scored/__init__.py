"""Kinds of facts that are scored in a module of their own."""
