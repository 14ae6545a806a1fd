"""OAuth 2.0 for SCIM clients: the token endpoint (RFC 6749) for client credentials, and its metadata (RFC 8414)."""
