"""The wire: HTTP in, services called once, SCIM out. No cookie, no session, no CSRF; a bearer token or nothing."""
