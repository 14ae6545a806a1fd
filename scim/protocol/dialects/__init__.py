"""How requests may differ from the RFC, by whom, and what is noted of it."""
