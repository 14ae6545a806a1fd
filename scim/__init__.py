"""SCIM 2.0: the protocol, the directory it is kept in, and the wire (RFC 7643, RFC 7644)."""
