"""Runs one upgrade on the connection that server.migrate holds, in one transaction."""

from alembic import context

import migrations
import models

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.Base.metadata,
    compare_type=True,
    compare_server_default=True,
    include_name=migrations.is_ours,
)
with context.begin_transaction():
    context.run_migrations()
