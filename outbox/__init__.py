"""What follows a commit: the fence, the event log's reader, and who is told."""
