"""What may be done to tenants, SCIM clients and tokens: each service is one transaction with its audit event."""
