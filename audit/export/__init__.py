"""The history in the forms of others: lines of JSON, tables, OCSF, CloudEvents."""
