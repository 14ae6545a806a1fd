"""What every part stands on and what imports nothing of ours: isolation, secrets, outbound HTTP, leases."""
