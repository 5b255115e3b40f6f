"""The statements of a search. Values are bound; what stands in braces is text of ours.

Distances are negative inner products, ascending; they leave the store as cosines.
"""

PASSING = """
WITH passing AS MATERIALIZED (SELECT v.id FROM venues v WHERE {condition})
SELECT count(*), CASE WHEN count(*) <= %(listed)s THEN array_agg(id) END FROM passing
"""
EXACTLY = """
WITH passing AS MATERIALIZED ({passing}), best AS (
    SELECT p.id, {score} AS score FROM passing p
    LEFT JOIN ({photo}) photo ON photo.venue_id = p.id
    LEFT JOIN ({told}) told ON told.venue_id = p.id
    ORDER BY score DESC FETCH FIRST %(limit)s ROWS WITH TIES
)
SELECT best.id FROM best JOIN venues v ON v.id = best.id
ORDER BY best.score DESC, v.external_id COLLATE "C" OFFSET %(offset)s LIMIT %(taken)s
"""
SCORE = " + ".join(
    f"coalesce(%({leg}_weight)s::float8 * (%({leg}_scale)s::float8 * {value} - %({leg}_offset)s::float8), 0)"
    for leg, value in {"photo": "-photo.distance", "told": "-told.distance", "words": "p.words"}.items()
)
"""The score of ranking.Formula in SQL: each leg's contribution, 0 for what a venue lacks."""
SCORES = """
SELECT v.id, v.external_id, shown.ids, shown.cosines, shown.counting, -told.distance, {words}
FROM venues v
LEFT JOIN LATERAL (
    SELECT array_agg(photo_id) AS ids, array_agg(cosine) AS cosines, count(*) FILTER (WHERE NOT aside) AS counting
    FROM (
        SELECT photo_id, {cosine} AS cosine,
               photo_id IN (SELECT id FROM photos WHERE venue_id = ANY(%(venues)s) AND aside) AS aside
        FROM {photos} e WHERE e.venue_id = v.id {grouped}
        ORDER BY aside, cosine DESC, photo_id LIMIT %(photos_per_venue)s
    ) best
) shown ON true
LEFT JOIN LATERAL ({told}) told ON true
WHERE v.id = ANY(%(venues)s)
"""
EVIDENCE = """
SELECT venue_id, photo_id, string_agg(halfvec_send(embedding), '' ORDER BY view)
FROM {photos} WHERE venue_id = ANY(%(venues)s) GROUP BY venue_id, photo_id ORDER BY photo_id
"""
FIRST_VIEWS = "SELECT photo_id, halfvec_send(embedding) FROM {photos} WHERE photo_id = ANY(%(ids)s) AND view = 0"
NOTHING = "SELECT NULL::bigint AS venue_id, NULL::float8 AS distance WHERE false"
