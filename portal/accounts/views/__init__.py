"""Views of accounts, a module per noun."""
