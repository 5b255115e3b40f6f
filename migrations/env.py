"""Run the migrations on the connection that `venuefinder.store.schema` hands over."""

from alembic import context

from venuefinder.store.fusion_tables import rerank_fusions

context.configure(connection=context.config.attributes["connection"], target_metadata=rerank_fusions.metadata)
with context.begin_transaction():
    context.run_migrations()
