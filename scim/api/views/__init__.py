"""One view per kind of endpoint; each makes one call of a service or query."""
