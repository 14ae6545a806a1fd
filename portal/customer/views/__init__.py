"""Views of the portal, a module per noun."""
