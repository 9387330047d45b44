"""A small company with everything in it: its rows, the people who look at them, and a mirror of both in Python."""
