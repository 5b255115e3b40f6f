"""The table of fusions, as `tables` has the others."""

from sqlalchemy import CheckConstraint, Column, DateTime, Double, ForeignKey, Integer, Table, Text, func

from venuefinder.store.tables import metadata

RATIOS = ("ndcg_retrieval", "ndcg_model", "ndcg_fused", "lift_error")

rerank_fusions = Table(
    "rerank_fusions",
    metadata,
    Column("space_id", Integer, ForeignKey("embedding_spaces.id", ondelete="CASCADE"), primary_key=True),
    Column("model_id", Integer, ForeignKey("vision_models.id", ondelete="CASCADE"), primary_key=True),
    Column("photos", Integer, primary_key=True),
    Column("setting", Text, nullable=False, comment="SHA-256 of the setting that names the model"),
    Column("retrieval_slope", Double, nullable=False),
    Column("model_slope", Double, nullable=False),
    Column("intercept", Double, nullable=False),
    Column("pairs", Integer, nullable=False),
    Column("queries", Integer, nullable=False),
    *(Column(name, Double, nullable=False) for name in RATIOS),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("photos > 0", name="photos"),
    CheckConstraint("setting ~ '^[0-9a-f]{64}$'", name="setting"),
    CheckConstraint("retrieval_slope >= 0 AND retrieval_slope < 'Infinity'", name="retrieval_slope"),
    CheckConstraint("model_slope >= 0 AND model_slope < 'Infinity'", name="model_slope"),
    CheckConstraint("intercept > '-Infinity' AND intercept < 'Infinity'", name="intercept"),
    CheckConstraint("pairs > 0", name="pairs"),
    CheckConstraint("queries > 1", name="queries"),
    *(CheckConstraint(f"{name} BETWEEN 0 AND 1", name=name) for name in RATIOS),
    comment="of scores against the backgrounds of a space, forgotten with them",
)
