-- Outcomes are summed once by code and place, then put in long form: one ladder serves every measure.
WITH summed AS (
    SELECT r.as_of, e.industry, e.county, e.municipality,
        count(*) AS n,
        count(*) FILTER (r.breaches > 0) AS breach,
        count(*) FILTER (r.serious) AS serious,
        count(*) FILTER (r.bht_checked > 0) AS n_bht,
        count(*) FILTER (r.bht_breaches > 0) AS bht,
        count(*) FILTER (r.hiring_checked > 0) AS n_hiring,
        count(*) FILTER (r.hiring_breaches > 0) AS hiring,
        count(*) FILTER (r.crime_checked > 0) AS n_crime,
        count(*) FILTER (r.crime_breaches > 0) AS crime
    FROM inspection_results_asof r
    LEFT JOIN establishments_asof e ON e.as_of = r.as_of AND e.establishment = r.establishment
    WHERE r.occurred_on >= r.as_of - to_years($window_years) AND r.occurred_on < r.as_of
    GROUP BY r.as_of, e.industry, e.county, e.municipality
), counted AS MATERIALIZED (
    SELECT s.as_of, s.industry, s.county, s.municipality, u.measure, u.n, u.b
    FROM summed s,
    LATERAL (VALUES
        ('breach', s.n, s.breach), ('serious', s.n, s.serious), ('bht', s.n_bht, s.bht),
        ('hiring', s.n_hiring, s.hiring), ('crime', s.n_crime, s.crime)
    ) u(measure, n, b)
    WHERE u.n > 0
), country AS (
    SELECT as_of, measure, sum(b) / sum(n) AS rate
    FROM counted
    GROUP BY as_of, measure
), by_code AS (
    SELECT as_of, measure, industry, sum(b) AS b, sum(n) AS n
    FROM counted
    WHERE industry IS NOT NULL
    GROUP BY as_of, measure, industry
), two AS (
    SELECT g.as_of, g.measure, g.code, (g.b + $prior_strength * p.rate) / (g.n + $prior_strength) AS rate
    FROM (
        SELECT as_of, measure, left(industry, 2) AS code, sum(b) AS b, sum(n) AS n FROM by_code GROUP BY ALL
    ) g JOIN country p USING (as_of, measure)
), three AS (
    SELECT g.as_of, g.measure, g.code, (g.b + $prior_strength * p.rate) / (g.n + $prior_strength) AS rate
    FROM (
        SELECT as_of, measure, left(industry, 4) AS code, sum(b) AS b, sum(n) AS n FROM by_code GROUP BY ALL
    ) g JOIN two p ON p.as_of = g.as_of AND p.measure = g.measure AND p.code = left(g.code, 2)
), five AS (
    SELECT g.as_of, g.measure, g.industry AS code, g.n,
        (g.b + $prior_strength * p.rate) / (g.n + $prior_strength) AS rate
    FROM by_code g JOIN three p ON p.as_of = g.as_of AND p.measure = g.measure AND p.code = left(g.industry, 4)
), counties AS (
    SELECT g.as_of, g.measure, g.county, (g.b + $prior_strength * p.rate) / (g.n + $prior_strength) AS rate
    FROM (
        SELECT as_of, measure, county, sum(b) AS b, sum(n) AS n
        FROM counted WHERE county IS NOT NULL GROUP BY ALL
    ) g JOIN country p USING (as_of, measure)
), municipalities AS (
    SELECT g.as_of, g.measure, g.municipality, (g.b + $prior_strength * p.rate) / (g.n + $prior_strength) AS rate
    FROM (
        SELECT as_of, measure, municipality, county, sum(b) AS b, sum(n) AS n
        FROM counted WHERE municipality IS NOT NULL GROUP BY ALL
    ) g JOIN counties p USING (as_of, measure, county)
), placed AS (
    SELECT c.establishment, c.as_of, e.industry, e.county, e.municipality
    FROM cohort c LEFT JOIN establishments_asof e ON e.as_of = c.as_of AND e.establishment = c.establishment
), industry_rates AS (
    SELECT i.as_of, i.industry,
        max(coalesce(five.rate, three.rate, two.rate, t.rate)) FILTER (t.measure = 'breach') AS breach,
        max(coalesce(five.rate, three.rate, two.rate, t.rate)) FILTER (t.measure = 'bht') AS bht,
        max(coalesce(five.rate, three.rate, two.rate, t.rate)) FILTER (t.measure = 'serious') AS serious,
        max(coalesce(five.rate, three.rate, two.rate, t.rate)) FILTER (t.measure = 'hiring') AS hiring,
        max(coalesce(five.rate, three.rate, two.rate, t.rate)) FILTER (t.measure = 'crime') AS crime,
        max(five.n) FILTER (t.measure = 'breach') AS results
    FROM (SELECT DISTINCT as_of, industry FROM placed) i
    JOIN country t ON t.as_of = i.as_of
    LEFT JOIN two ON two.as_of = i.as_of AND two.measure = t.measure AND two.code = left(i.industry, 2)
    LEFT JOIN three ON three.as_of = i.as_of AND three.measure = t.measure AND three.code = left(i.industry, 4)
    LEFT JOIN five ON five.as_of = i.as_of AND five.measure = t.measure AND five.code = i.industry
    GROUP BY i.as_of, i.industry
), place_rates AS (
    SELECT i.as_of, i.county, i.municipality,
        max(coalesce(o.rate, t.rate)) FILTER (t.measure = 'breach') AS county_breach,
        max(coalesce(m.rate, o.rate, t.rate)) FILTER (t.measure = 'breach') AS breach,
        max(coalesce(m.rate, o.rate, t.rate)) FILTER (t.measure = 'bht') AS bht
    FROM (SELECT DISTINCT as_of, county, municipality FROM placed) i
    JOIN country t ON t.as_of = i.as_of
    LEFT JOIN counties o ON o.as_of = i.as_of AND o.measure = t.measure AND o.county = i.county
    LEFT JOIN municipalities m ON m.as_of = i.as_of AND m.measure = t.measure AND m.municipality = i.municipality
    GROUP BY i.as_of, i.county, i.municipality
), employing AS (
    SELECT as_of, left(industry, 4) AS code, count(*) AS units
    FROM establishments_asof
    WHERE status = 'living' AND employees_low >= 1 AND industry IS NOT NULL
    GROUP BY ALL
), visits AS (
    SELECT s.as_of, left(e.industry, 4) AS code, count(*) AS inspections
    FROM inspections_asof s JOIN establishments_asof e ON e.as_of = s.as_of AND e.establishment = s.establishment
    WHERE s.occurred_on >= s.as_of - INTERVAL 1 YEAR AND s.occurred_on < s.as_of
        AND coalesce(s.status, '') NOT IN ('planlegging', 'avbrutt')
    GROUP BY ALL
)
SELECT p.establishment, p.as_of,
    left(p.industry, 2) AS industry_division,
    p.industry,
    p.county,
    r.breach AS industry_breach_rate,
    r.bht AS industry_bht_breach_rate,
    r.serious AS industry_serious_rate,
    r.hiring AS industry_hiring_breach_rate,
    r.crime AS industry_crime_breach_rate,
    CASE WHEN p.industry IS NOT NULL THEN coalesce(r.results, 0) END AS industry_results,
    coalesce(v.inspections, 0) / w.units AS industry_inspection_rate,
    l.county_breach AS county_breach_rate,
    l.breach AS municipality_breach_rate,
    l.bht AS municipality_bht_breach_rate
FROM placed p
LEFT JOIN industry_rates r ON r.as_of = p.as_of AND r.industry IS NOT DISTINCT FROM p.industry
LEFT JOIN place_rates l ON l.as_of = p.as_of
    AND l.county IS NOT DISTINCT FROM p.county AND l.municipality IS NOT DISTINCT FROM p.municipality
LEFT JOIN employing w ON w.as_of = p.as_of AND w.code = left(p.industry, 4)
LEFT JOIN visits v ON v.as_of = p.as_of AND v.code = left(p.industry, 4)
