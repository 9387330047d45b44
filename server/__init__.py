"""The processes: web application, worker, command line, embedded database. Imported by nobody."""
