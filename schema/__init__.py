"""The graph: every type, field, edge and rule, declared once."""
