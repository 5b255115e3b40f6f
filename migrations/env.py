"""Run the migrations on the connection that `venuefinder.store.schema` hands over."""

from alembic import context

from venuefinder.queue import schema as task_schema
from venuefinder.store import event_tables, fusion_tables, look_tables, original_tables, run_tables, vision_tables

TABLES = (
    event_tables,
    fusion_tables,
    look_tables,
    original_tables,
    run_tables,
    vision_tables,
)  # each adds its own to one metadata
context.configure(connection=context.config.attributes["connection"], target_metadata=TABLES[0].metadata)
with context.begin_transaction():
    context.run_migrations()
    task_schema.keep_up(context.config.attributes["connection"])
