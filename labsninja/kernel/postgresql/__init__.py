"""Django's PostgreSQL backend with the isolation guard on every connection."""
