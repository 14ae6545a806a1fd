"""Streams: a tenant's history sent on to where its owner watches, at least once and in order, while it is told."""
