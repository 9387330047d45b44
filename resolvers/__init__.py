"""Rows for the graph: loaders, connections and commands. Knows SQL and the domain, never Strawberry."""
