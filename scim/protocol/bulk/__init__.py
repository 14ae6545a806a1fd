"""Bulk requests (RFC 7644 section 3.7): reading them, what refers to what, in which order, and the answer."""
