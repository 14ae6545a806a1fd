"""Attribute mapping: expressions in a bounded subset of CEL, rows of a mapping, and what a target has to be sent."""
