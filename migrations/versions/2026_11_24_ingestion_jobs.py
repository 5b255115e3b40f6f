"""Ingestion jobs of the API, and the task library's own tables in a schema of theirs."""

from alembic import op

from venuefinder.queue import schema as task_schema

revision = "2026_11_24_ingestion_jobs"
down_revision = "2026_11_24_bulk_ingestion"

UPGRADE = """
CREATE TABLE ingestion_jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    source text NOT NULL,
    uploaded boolean NOT NULL DEFAULT false,
    options jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'queued'
        CONSTRAINT ingestion_jobs_state_check CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    counts jsonb,
    progress jsonb,
    message text,
    cancel_requested boolean NOT NULL DEFAULT false,
    attempt integer NOT NULL DEFAULT 0,
    lost integer NOT NULL DEFAULT 0,
    run_id bigint REFERENCES ingestion_runs ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT ingestion_jobs_finished_check CHECK ((state IN ('queued', 'running')) = (finished_at IS NULL))
);
CREATE INDEX ingestion_jobs_created_at_idx ON ingestion_jobs (created_at);
COMMENT ON COLUMN ingestion_jobs.source IS 'the name that the operator gave it, or of the uploaded manifest';
COMMENT ON COLUMN ingestion_jobs.message IS 'why it failed';
COMMENT ON COLUMN ingestion_jobs.attempt IS 'how often a worker took it; only the last taker may write';
COMMENT ON COLUMN ingestion_jobs.lost IS 'how often in a row its worker vanished';
CREATE TABLE ingestion_manifests (
    job_id uuid PRIMARY KEY REFERENCES ingestion_jobs ON DELETE CASCADE,
    name text NOT NULL,
    content bytea NOT NULL
);
COMMENT ON COLUMN ingestion_manifests.name IS 'its suffix tells the format';
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    task_schema.create(op.get_bind())


def downgrade() -> None:
    op.execute("DROP SCHEMA procrastinate CASCADE")
    op.execute("DROP TABLE ingestion_manifests, ingestion_jobs")
