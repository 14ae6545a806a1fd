"""What the surfaces share: caching, charts, context of every page."""
