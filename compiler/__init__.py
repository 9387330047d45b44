"""A validated document in, one SQL statement and its JSON out. Ordinary execution is the reference it is held to."""
