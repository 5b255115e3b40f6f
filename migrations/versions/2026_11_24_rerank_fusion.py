"""How retrieval's score and a model's become one, and by how much that lifts results: by space and model."""

from alembic import op

revision = "2026_11_24_rerank_fusion"
down_revision = "2026_11_24_vision_readings"

UPGRADE = """
CREATE TABLE rerank_fusions (
    space_id integer NOT NULL REFERENCES embedding_spaces ON DELETE CASCADE,
    model_id integer NOT NULL REFERENCES vision_models ON DELETE CASCADE,
    photos integer NOT NULL CONSTRAINT rerank_fusions_photos_check CHECK (photos > 0),
    setting text NOT NULL CONSTRAINT rerank_fusions_setting_check CHECK (setting ~ '^[0-9a-f]{64}$'),
    retrieval_slope double precision NOT NULL
        CONSTRAINT rerank_fusions_retrieval_slope_check CHECK (retrieval_slope >= 0 AND retrieval_slope < 'Infinity'),
    model_slope double precision NOT NULL
        CONSTRAINT rerank_fusions_model_slope_check CHECK (model_slope >= 0 AND model_slope < 'Infinity'),
    intercept double precision NOT NULL
        CONSTRAINT rerank_fusions_intercept_check CHECK (intercept > '-Infinity' AND intercept < 'Infinity'),
    pairs integer NOT NULL CONSTRAINT rerank_fusions_pairs_check CHECK (pairs > 0),
    queries integer NOT NULL CONSTRAINT rerank_fusions_queries_check CHECK (queries > 1),
    ndcg_retrieval double precision NOT NULL
        CONSTRAINT rerank_fusions_ndcg_retrieval_check CHECK (ndcg_retrieval BETWEEN 0 AND 1),
    ndcg_model double precision NOT NULL
        CONSTRAINT rerank_fusions_ndcg_model_check CHECK (ndcg_model BETWEEN 0 AND 1),
    ndcg_fused double precision NOT NULL
        CONSTRAINT rerank_fusions_ndcg_fused_check CHECK (ndcg_fused BETWEEN 0 AND 1),
    lift_error double precision NOT NULL
        CONSTRAINT rerank_fusions_lift_error_check CHECK (lift_error BETWEEN 0 AND 1),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, model_id, photos)
);
COMMENT ON TABLE rerank_fusions IS 'of scores against the backgrounds of a space, forgotten with them';
COMMENT ON COLUMN rerank_fusions.setting IS 'SHA-256 of the setting that names the model';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE rerank_fusions")
