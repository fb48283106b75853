-- One row per (inspection, valid_from): what was known of an inspection's outcome in (valid_from, valid_to].
-- A row begins each day an answer, a reaction or the header became known, so an outcome is summed up once for each
-- state it was in and not once for each as-of day.
-- Of all inspections, those of one slice.
WITH moments AS (
    FROM (
        SELECT inspection, valid_from FROM store.periods_findings
        UNION SELECT inspection, valid_from FROM store.periods_reactions
        UNION SELECT inspection, valid_from FROM store.periods_inspections
    ) WHERE hash(inspection) % getvariable('slices')::UBIGINT = getvariable('slice')::UBIGINT
), spans AS (
    SELECT *, lead(valid_from, 1, DATE '9999-12-31') OVER (PARTITION BY inspection ORDER BY valid_from) AS valid_to
    FROM moments
), answers AS (
    SELECT s.inspection, s.valid_from,
        max(f.known_on) AS known_on,
        count(*) FILTER (f.answer IN ('met', 'breach')) AS checked,
        count(*) FILTER (f.answer = 'breach') AS breaches,
        count(*) FILTER (t.topic = 'bht' AND f.answer IN ('met', 'breach')) AS bht_checked,
        count(*) FILTER (t.topic = 'bht' AND f.answer = 'breach') AS bht_breaches,
        count(*) FILTER (t.topic = 'hiring' AND f.answer IN ('met', 'breach')) AS hiring_checked,
        count(*) FILTER (t.topic = 'hiring' AND f.answer = 'breach') AS hiring_breaches,
        count(*) FILTER (t.topic = 'crime' AND f.answer IN ('met', 'breach')) AS crime_checked,
        count(*) FILTER (t.topic = 'crime' AND f.answer = 'breach') AS crime_breaches
    FROM spans s
    JOIN store.periods_findings f
        ON f.inspection = s.inspection AND f.valid_from <= s.valid_from AND s.valid_from < f.valid_to
    LEFT JOIN control_point_topics t ON t.control_point = f.control_point
    GROUP BY ALL
), decisions AS (
    SELECT s.inspection, s.valid_from,
        count(*) FILTER (r.kind = 'order') AS orders,
        count(*) FILTER (r.kind = 'stop') AS stops,
        count(*) FILTER (r.kind IN ('coercive_fine', 'penalty')) AS fines,
        count(*) FILTER (r.kind = 'police_report') AS police_reports
    FROM spans s
    JOIN store.periods_reactions r
        ON r.inspection = s.inspection AND r.valid_from <= s.valid_from AND s.valid_from < r.valid_to
    GROUP BY ALL
)
SELECT h.* EXCLUDE (known_on, valid_from, valid_to, tied), a.known_on,
    a.checked, a.breaches, a.bht_checked, a.bht_breaches, a.hiring_checked, a.hiring_breaches,
    a.crime_checked, a.crime_breaches,
    coalesce(d.orders, 0) AS orders, coalesce(d.stops, 0) AS stops, coalesce(d.fines, 0) AS fines,
    coalesce(d.police_reports, 0) AS police_reports,
    a.breaches >= getvariable('serious_breaches') OR coalesce(d.stops + d.fines + d.police_reports, 0) > 0 AS serious,
    s.valid_from, s.valid_to
FROM spans s
JOIN answers a USING (inspection, valid_from)
JOIN store.periods_inspections h
    ON h.inspection = s.inspection AND h.valid_from <= s.valid_from AND s.valid_from < h.valid_to
LEFT JOIN decisions d USING (inspection, valid_from)
