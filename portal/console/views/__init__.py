"""Views of the console, a module per noun."""
