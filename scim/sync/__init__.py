"""The directory flows on: connectors, links between resources here and there, and the runs that bring them together."""
