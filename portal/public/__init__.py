"""The public site: what LabsNinja is, what is supported, how to connect. No session, no cookie."""
