"""Who may do what, and who is asking. Imports ``models`` alone."""
