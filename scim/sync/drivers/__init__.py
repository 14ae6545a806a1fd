"""How connectors of each kind write: what a worker gives them, and what it gets back."""
