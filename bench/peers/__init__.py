"""What Portico's reads are measured against, the data all of them read, and the requests they are sent."""
