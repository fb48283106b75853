-- One row per (as_of, establishment) of `found`: what a planner needs to recognise and filter it.
WITH RECURSIVE visits AS (
    SELECT as_of, establishment,
        max(occurred_on) FILTER (occurred_on < as_of AND status IS DISTINCT FROM 'planlegging') AS last_inspected_on,
        bool_or(coalesce(status = 'aapen', false)) AS open_case
    FROM inspections_asof GROUP BY ALL
), bht_visits AS (
    SELECT as_of, establishment, max(occurred_on) AS last_bht_inspected_on
    FROM inspection_results_asof WHERE bht_checked > 0 AND occurred_on < as_of GROUP BY ALL
), elsewhere AS (
    -- Of several planned or open controls the one nearest the as-of day; one without a day is going on now.
    SELECT as_of, establishment,
        arg_min(coalesce(planned_on, as_of), (abs(coalesce(planned_on, as_of) - as_of), planned_on))
            AS other_authority_on
    FROM coordination_asof WHERE status IN ('planned', 'open') GROUP BY ALL
), notices AS (
    SELECT as_of, establishment, max(occurred_on) AS last_incident_on
    FROM incidents_asof WHERE occurred_on < as_of GROUP BY ALL
), missed AS (
    SELECT as_of, establishment, max(known_on) AS missed_on, arg_max(reason, (known_on, visit)) AS missed_because
    FROM missed_visits_asof GROUP BY ALL
), parents AS MATERIALIZED (
    SELECT as_of, enterprise, parent FROM enterprises_asof WHERE parent IS NOT NULL
), line AS (
    SELECT DISTINCT as_of, enterprise, enterprise AS owner, 0 AS steps FROM found
    UNION ALL
    -- No hierarchy is that deep; the limit ends two entries that name each other.
    SELECT l.as_of, l.enterprise, p.parent, l.steps + 1
    FROM line l JOIN parents p ON p.as_of = l.as_of AND p.enterprise = l.owner WHERE l.steps < 9
), owners AS (
    SELECT as_of, enterprise, arg_max(owner, steps) AS owner_group FROM line GROUP BY ALL
), unapproved AS (
    SELECT m.as_of, m.establishment, list(d.scheme ORDER BY d.scheme) AS approvals_missing
    FROM found m
    JOIN approval_duties d ON d.as_of = m.as_of AND d.standard = m.industry_standard AND d.code = m.industry_code
    SEMI JOIN approvals_asof r ON r.as_of = d.as_of AND r.scheme = d.scheme
    LEFT JOIN approvals_asof a ON a.as_of = m.as_of AND a.enterprise = m.enterprise AND a.scheme = d.scheme
    WHERE d.tells_from <= m.as_of AND a.approved IS NOT TRUE
    GROUP BY ALL
)
SELECT m.establishment, m.enterprise, m.as_of, coalesce(e.name, p.name) AS name, m.legal_form AS form,
    m.industry_code, m.industry_standard, m.industry, m.county, e.municipality, e.postal_code, e.address_key,
    m.employees_low,
    CASE WHEN e.employees IS NOT NULL THEN e.employees::VARCHAR
         WHEN m.employees_low IS NULL THEN 'unknown'
         WHEN m.employees_low = 0 THEN '0' ELSE '1-4' END AS employees,
    m.size_class,
    m.bht_duty, m.bht_clause, m.bht_basis, m.bht_dispensation,
    m.living, m.bankrupt, m.winding_up, m.sole_proprietor,
    coalesce(m.legal_form = 'NUF', false) OR coalesce(p.country <> 'NO', false) AS foreign,
    m.age_months::INTEGER AS age_months,
    v.last_inspected_on, b.last_bht_inspected_on, coalesce(v.open_case, false) AS open_case, x.other_authority_on,
    n.last_incident_on,
    -- An inspection after it has settled what was missed.
    if(i.missed_on < v.last_inspected_on, NULL, i.missed_on) AS missed_on,
    if(i.missed_on < v.last_inspected_on, NULL, i.missed_because) AS missed_because,
    o.owner_group,
    coalesce(u.approvals_missing, []) AS approvals_missing,
    list_filter([
        if(m.employees_low IS NULL, 'employees_unknown', NULL),
        if(m.employees_low = 1 AND e.employees IS NULL, 'employees_censored', NULL),
        if(m.own_code IS NULL, 'industry_unknown', NULL),
        if(m.own_code IS NOT NULL AND m.own_standard <> m.list_standard, 'industry_in_other_standard', NULL),
        if(m.county IS NULL, 'county_unknown', NULL),
        if(m.age_months IS NULL, 'age_unknown', NULL)
    ], lambda flag: flag IS NOT NULL) AS quality_flags
FROM found m
JOIN establishments_asof e USING (as_of, establishment)
JOIN enterprises_asof p ON p.as_of = m.as_of AND p.enterprise = m.enterprise
LEFT JOIN visits v USING (as_of, establishment)
LEFT JOIN bht_visits b USING (as_of, establishment)
LEFT JOIN elsewhere x USING (as_of, establishment)
LEFT JOIN notices n USING (as_of, establishment)
LEFT JOIN missed i USING (as_of, establishment)
LEFT JOIN owners o ON o.as_of = m.as_of AND o.enterprise = m.enterprise
LEFT JOIN unapproved u USING (as_of, establishment)
ORDER BY m.as_of, m.establishment
