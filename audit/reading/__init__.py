"""Reading the history: what a person types becomes a query, and pages, counts and downloads come of it."""
