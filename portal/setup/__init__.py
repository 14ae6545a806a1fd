"""The set-up of one SCIM client by whoever holds a link to it."""
