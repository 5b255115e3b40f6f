"""A job has one task, waiting or with a worker: a second one would keep the first from being queued again."""

from alembic import op

from venuefinder.queue import schema as task_schema

revision = "2026_11_30_one_task_a_job"
down_revision = "2026_11_30_city_key"

UPGRADE = """
DELETE FROM procrastinate_jobs twin USING procrastinate_jobs held
    WHERE twin.status = 'todo' AND held.status = 'doing' AND twin.queueing_lock = held.queueing_lock;
CREATE UNIQUE INDEX one_task_a_job_idx ON procrastinate_jobs (queueing_lock) WHERE status IN ('todo', 'doing');
"""


def upgrade() -> None:
    task_schema.run(op.get_bind(), UPGRADE)


def downgrade() -> None:
    task_schema.run(op.get_bind(), "DROP INDEX one_task_a_job_idx")
