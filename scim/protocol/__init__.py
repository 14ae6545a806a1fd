"""The SCIM protocol as tables and pure functions: no Django, no I/O, no clock."""
