"""Ingestion jobs of the API, and the task library's own tables in a schema of theirs."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "2026_11_24_ingestion_jobs"
down_revision = "2026_11_24_bulk_ingestion"

UPGRADE = """
CREATE TABLE ingestion_jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    source text NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'queued'
        CONSTRAINT ingestion_jobs_state_check CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    counts jsonb,
    message text,
    cancel_requested boolean NOT NULL DEFAULT false,
    run_id bigint REFERENCES ingestion_runs ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT ingestion_jobs_finished_check CHECK ((state IN ('queued', 'running')) = (finished_at IS NULL))
);
CREATE INDEX ingestion_jobs_created_at_idx ON ingestion_jobs (created_at);
COMMENT ON COLUMN ingestion_jobs.source IS 'the name that the operator gave it, or of the uploaded manifest';
COMMENT ON COLUMN ingestion_jobs.message IS 'why it failed';
CREATE TABLE ingestion_manifests (
    job_id uuid PRIMARY KEY REFERENCES ingestion_jobs ON DELETE CASCADE,
    name text NOT NULL,
    content bytea NOT NULL
);
COMMENT ON COLUMN ingestion_manifests.name IS 'its suffix tells the format';
CREATE SCHEMA procrastinate;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    connection = op.get_bind()
    connection.exec_driver_sql("SET LOCAL search_path TO procrastinate")
    connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    connection.exec_driver_sql("SET LOCAL search_path TO DEFAULT")


def downgrade() -> None:
    op.execute("DROP SCHEMA procrastinate CASCADE")
    op.execute("DROP TABLE ingestion_manifests, ingestion_jobs")
