"""SQL of connectors, links and runs: every statement names its tenant itself."""
