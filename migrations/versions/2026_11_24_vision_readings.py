"""What vision-language models read of photos, by the photo's content: it is read once, whoever shows it."""

from alembic import op

revision = "2026_11_24_vision_readings"
down_revision = "2026_11_24_seen_rule"

UPGRADE = """
CREATE TABLE vision_models (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE CONSTRAINT vision_models_key_check CHECK (key ~ '^[0-9a-f]{64}$'),
    backend text NOT NULL,
    model text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE photo_reports (
    model_id integer NOT NULL REFERENCES vision_models ON DELETE CASCADE,
    content_hash bytea NOT NULL CONSTRAINT photo_reports_content_hash_check CHECK (length(content_hash) = 32),
    report jsonb NOT NULL CONSTRAINT photo_reports_report_check CHECK (jsonb_typeof(report) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (content_hash, model_id)
);
CREATE TABLE photo_verdicts (
    model_id integer NOT NULL REFERENCES vision_models ON DELETE CASCADE,
    content_hash bytea NOT NULL CONSTRAINT photo_verdicts_content_hash_check CHECK (length(content_hash) = 32),
    question_hash bytea NOT NULL CONSTRAINT photo_verdicts_question_hash_check CHECK (length(question_hash) = 32),
    yes boolean,
    probability double precision CONSTRAINT photo_verdicts_probability_check CHECK (probability BETWEEN 0 AND 1),
    grade double precision CONSTRAINT photo_verdicts_grade_check CHECK (grade BETWEEN 0 AND 1),
    expires_at timestamptz,
    PRIMARY KEY (content_hash, model_id, question_hash)
);
CREATE INDEX photo_verdicts_expires_at_idx ON photo_verdicts (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX photos_content_hash_idx ON photos USING hash (content_hash);
COMMENT ON COLUMN vision_models.key IS 'over everything that shapes an answer';
COMMENT ON COLUMN photo_verdicts.grade IS 'how far it is so, in the words of a model without probabilities';
COMMENT ON COLUMN photo_verdicts.expires_at IS 'null: stays as long as the photo';
"""
DOWNGRADE = """
DROP INDEX photos_content_hash_idx;
DROP TABLE photo_verdicts, photo_reports, vision_models;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
