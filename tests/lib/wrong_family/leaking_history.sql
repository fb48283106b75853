-- WRONG ON PURPOSE: filters on the day of the inspection instead of the day its answers became known, and so reads the
-- raw tables. tests/property/test_leakage.py proves that the leakage check catches exactly this mistake.
SELECT c.establishment, c.as_of,
    count(DISTINCT i.inspection) AS inspections_before,
    count(f.control_point) FILTER (f.answer = 'breach') AS breaches_before
FROM cohort c
LEFT JOIN store.inspections i ON i.establishment = c.establishment AND i.occurred_on < c.as_of
LEFT JOIN store.findings f ON f.inspection = i.inspection
GROUP BY c.establishment, c.as_of
