"""What operators do with connectors, mappings and runs: each act one transaction with its audit event."""
