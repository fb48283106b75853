WITH units AS MATERIALIZED (
    SELECT as_of, establishment, enterprise, status, address_key, municipality, left(industry, 4) AS code
    FROM establishments_asof
), own AS MATERIALIZED (
    SELECT c.establishment, c.enterprise, c.as_of, u.status, u.address_key, u.municipality, u.code
    FROM cohort c LEFT JOIN units u ON u.as_of = c.as_of AND u.establishment = c.establishment
), here AS MATERIALIZED (
    SELECT as_of, establishment, enterprise, status, address_key
    FROM units SEMI JOIN own USING (as_of, address_key)
), addresses AS (
    SELECT as_of, address_key, count(*) AS establishments, count(DISTINCT enterprise) AS enterprises
    FROM here
    WHERE status = 'living'
    GROUP BY as_of, address_key
), outcomes AS (
    SELECT as_of, establishment, count(*) AS n, count(*) FILTER (breaches > 0) AS b
    FROM inspection_results_asof
    WHERE occurred_on < as_of
    GROUP BY as_of, establishment
), country AS (
    SELECT as_of, sum(b) / sum(n) AS rate
    FROM outcomes
    GROUP BY as_of
), address_outcomes AS (
    SELECT u.as_of, u.address_key, sum(o.n) AS n, sum(o.b) AS b
    FROM outcomes o JOIN here u ON u.as_of = o.as_of AND u.establishment = o.establishment
    GROUP BY u.as_of, u.address_key
), bankrupt_at AS (
    SELECT DISTINCT as_of, address_key, enterprise
    FROM bankruptcies_asof
    WHERE bankrupt_on >= as_of - INTERVAL 2 YEAR
), bankruptcies AS (
    SELECT as_of, address_key, count(*) AS enterprises
    FROM bankrupt_at
    GROUP BY as_of, address_key
), municipalities AS (
    SELECT as_of, municipality, count(*) AS establishments
    FROM units
    WHERE status = 'living' AND municipality IS NOT NULL
    GROUP BY as_of, municipality
), municipality_industries AS (
    SELECT as_of, municipality, code, count(*) AS establishments
    FROM units
    WHERE status = 'living' AND municipality IS NOT NULL AND code IS NOT NULL
    GROUP BY as_of, municipality, code
)
SELECT u.establishment, u.as_of,
    CASE WHEN u.address_key IS NOT NULL THEN coalesce(a.establishments, 0) END AS address_establishments,
    CASE WHEN u.address_key IS NOT NULL THEN coalesce(a.enterprises, 0) END AS address_enterprises,
    CASE WHEN u.address_key IS NOT NULL THEN coalesce(x.n, 0) - coalesce(o.n, 0) END AS address_results,
    CASE WHEN u.address_key IS NOT NULL THEN (coalesce(x.b, 0) - coalesce(o.b, 0) + $prior_strength * t.rate)
        / (coalesce(x.n, 0) - coalesce(o.n, 0) + $prior_strength) END AS address_breach_rate,
    CASE WHEN u.address_key IS NOT NULL
        THEN coalesce(k.enterprises, 0) - (own.enterprise IS NOT NULL)::INTEGER END AS address_bankruptcies_2y,
    CASE WHEN u.municipality IS NOT NULL THEN coalesce(m.establishments, 0) END AS municipality_establishments,
    CASE WHEN u.municipality IS NOT NULL AND u.code IS NOT NULL
        THEN coalesce(i.establishments, 0) - (u.status = 'living')::INTEGER END AS municipality_industry_establishments
FROM own u
LEFT JOIN addresses a ON a.as_of = u.as_of AND a.address_key = u.address_key
LEFT JOIN outcomes o ON o.as_of = u.as_of AND o.establishment = u.establishment
LEFT JOIN address_outcomes x ON x.as_of = u.as_of AND x.address_key = u.address_key
LEFT JOIN country t ON t.as_of = u.as_of
LEFT JOIN bankruptcies k ON k.as_of = u.as_of AND k.address_key = u.address_key
LEFT JOIN bankrupt_at own ON own.as_of = u.as_of AND own.address_key = u.address_key AND own.enterprise = u.enterprise
LEFT JOIN municipalities m ON m.as_of = u.as_of AND m.municipality = u.municipality
LEFT JOIN municipality_industries i ON i.as_of = u.as_of AND i.municipality = u.municipality AND i.code = u.code
