"""The directory's SQL, written by hand: an ORM `get()` costs ten times the CPU of a prepared statement here."""
