"""What may be done to the directory: each service is one transaction with its change and audit event, or nothing."""
