"""Views of the public site, by noun."""
