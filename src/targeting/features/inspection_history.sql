-- Filtering on the unit alone, before anything is grouped, lets DuckDB drop other units ahead of the as-of join: a
-- training cohort is a small part of the country.
WITH members AS MATERIALIZED (
    SELECT as_of, establishment, enterprise
    FROM establishments_asof
    WHERE enterprise IN (SELECT enterprise FROM cohort)
), relevant AS MATERIALIZED (
    SELECT establishment FROM members UNION SELECT establishment FROM cohort
), started AS (
    SELECT as_of, inspection, establishment, occurred_on, form, origin
    FROM inspections_asof
    WHERE establishment IN (SELECT establishment FROM relevant)
        AND occurred_on < as_of AND coalesce(status, '') NOT IN ('planlegging', 'avbrutt')
), visits AS (
    SELECT s.as_of, s.establishment,
        count(*) AS inspections_all,
        count(*) FILTER (s.occurred_on >= s.as_of - INTERVAL 1 YEAR) AS inspections_1y,
        count(*) FILTER (s.occurred_on >= s.as_of - INTERVAL 3 YEAR) AS inspections_3y,
        count(*) FILTER (s.occurred_on >= s.as_of - INTERVAL 5 YEAR) AS inspections_5y,
        count(*) FILTER (s.form = 'document') AS document_inspections,
        count(*) FILTER (s.origin = 'follow_up' AND s.occurred_on >= s.as_of - INTERVAL 3 YEAR) AS follow_ups_3y,
        max(s.occurred_on) AS last_on,
        arg_max(r.inspection IS NULL, (s.occurred_on, s.inspection)) AS last_pending
    FROM started s LEFT JOIN inspection_results_asof r ON r.as_of = s.as_of AND r.inspection = s.inspection
    GROUP BY s.as_of, s.establishment
), outcomes AS (
    SELECT as_of, establishment,
        count(*) AS n,
        count(*) FILTER (breaches > 0) AS n_breach,
        count(*) FILTER (bht_checked > 0) AS n_bht,
        count(*) FILTER (bht_breaches > 0) AS n_bht_breach,
        count(*) FILTER (serious AND occurred_on >= as_of - INTERVAL 5 YEAR) AS serious_5y,
        sum(breaches) AS breaches,
        sum(checked) AS checked,
        sum(breaches) FILTER (occurred_on >= as_of - INTERVAL 3 YEAR) AS breaches_3y,
        max(occurred_on) FILTER (breaches > 0) AS last_breach_on,
        max(occurred_on) FILTER (bht_checked > 0) AS last_bht_on,
        arg_max(breaches, (occurred_on, inspection)) AS last_breaches,
        arg_max(checked, (occurred_on, inspection)) AS last_checked,
        arg_max(serious, (occurred_on, inspection)) AS last_serious,
        arg_max(bht_breaches > 0, (occurred_on, inspection)) FILTER (bht_checked > 0) AS last_bht,
        arg_max(hiring_breaches > 0, (occurred_on, inspection)) FILTER (hiring_checked > 0) AS last_hiring,
        arg_max(crime_breaches > 0, (occurred_on, inspection)) FILTER (crime_checked > 0) AS last_crime
    FROM inspection_results_asof
    WHERE establishment IN (SELECT establishment FROM relevant) AND occurred_on < as_of
    GROUP BY as_of, establishment
), country AS (
    SELECT as_of, count(*) FILTER (breaches > 0) / count(*) AS rate,
        count(*) FILTER (bht_breaches > 0) / nullif(count(*) FILTER (bht_checked > 0), 0) AS bht_rate
    FROM inspection_results_asof
    WHERE occurred_on < as_of
    GROUP BY as_of
), decisions AS (
    SELECT r.as_of, i.establishment,
        count(*) FILTER (r.kind = 'order' AND i.occurred_on >= r.as_of - INTERVAL 3 YEAR) AS orders_3y,
        count(*) FILTER (
            r.kind IN ('stop', 'coercive_fine', 'penalty', 'police_report')
            AND i.occurred_on >= r.as_of - INTERVAL 5 YEAR
        ) AS sanctions_5y
    FROM reactions_asof r JOIN inspections_asof i ON i.as_of = r.as_of AND i.inspection = r.inspection
    WHERE i.establishment IN (SELECT establishment FROM cohort) AND i.occurred_on < r.as_of
    GROUP BY r.as_of, i.establishment
), incidents AS (
    SELECT as_of, establishment,
        count(*) FILTER (kind = 'accident' AND occurred_on >= as_of - INTERVAL 3 YEAR) AS accidents_3y,
        count(*) FILTER (kind IN ('tip', 'concern') AND occurred_on >= as_of - INTERVAL 1 YEAR) AS notices_1y
    FROM incidents_asof
    WHERE establishment IN (SELECT establishment FROM cohort) AND occurred_on < as_of
    GROUP BY as_of, establishment
), enterprise_visits AS (
    SELECT as_of, enterprise, sum(inspections_3y) AS inspections_3y
    FROM visits JOIN members USING (as_of, establishment)
    GROUP BY as_of, enterprise
), enterprise_outcomes AS (
    SELECT as_of, enterprise,
        sum(n) AS n, sum(n_breach) AS n_breach, sum(n_bht) AS n_bht, sum(n_bht_breach) AS n_bht_breach,
        sum(serious_5y) AS serious_5y, max(last_breach_on) AS last_breach_on
    FROM outcomes JOIN members USING (as_of, establishment)
    GROUP BY as_of, enterprise
)
SELECT c.establishment, c.as_of,
    coalesce(v.inspections_1y, 0) AS inspections_1y,
    coalesce(v.inspections_3y, 0) AS inspections_3y,
    coalesce(v.inspections_5y, 0) AS inspections_5y,
    coalesce(v.inspections_all, 0) AS inspections_all,
    coalesce(v.document_inspections, 0) AS document_inspections_all,
    coalesce(v.follow_ups_3y, 0) AS follow_up_inspections_3y,
    c.as_of - v.last_on AS days_since_inspection,
    c.as_of - o.last_bht_on AS days_since_bht_inspection,
    c.as_of - o.last_breach_on AS days_since_breach,
    CASE WHEN v.last_pending THEN c.as_of - v.last_on END AS days_answers_pending,
    coalesce(o.n, 0) AS answered_inspections,
    o.last_breaches AS last_breaches,
    o.last_breaches / nullif(o.last_checked, 0) AS last_breach_share,
    o.last_bht AS last_bht_breach,
    o.last_hiring AS last_hiring_breach,
    o.last_crime AS last_crime_breach,
    o.last_serious AS last_serious,
    coalesce(o.breaches_3y, 0) AS breaches_3y,
    o.breaches / nullif(o.checked, 0) AS breaches_per_control_point,
    (coalesce(o.n_breach, 0) + $own_prior_strength * t.rate)
        / (coalesce(o.n, 0) + $own_prior_strength) AS breach_rate_smoothed,
    (coalesce(o.n_bht_breach, 0) + $own_prior_strength * t.bht_rate)
        / (coalesce(o.n_bht, 0) + $own_prior_strength) AS bht_breach_rate_smoothed,
    coalesce(o.serious_5y, 0) AS serious_5y,
    coalesce(d.orders_3y, 0) AS orders_3y,
    coalesce(d.sanctions_5y, 0) AS sanctions_5y,
    coalesce(n.accidents_3y, 0) AS accidents_3y,
    coalesce(n.notices_1y, 0) AS notices_1y,
    CASE WHEN c.enterprise IS NOT NULL THEN coalesce(ev.inspections_3y, 0) END AS enterprise_inspections_3y,
    CASE WHEN c.enterprise IS NOT NULL THEN coalesce(eo.n, 0) END AS enterprise_answered_inspections,
    CASE WHEN c.enterprise IS NOT NULL THEN (coalesce(eo.n_breach, 0) + $own_prior_strength * t.rate)
        / (coalesce(eo.n, 0) + $own_prior_strength) END AS enterprise_breach_rate_smoothed,
    CASE WHEN c.enterprise IS NOT NULL THEN (coalesce(eo.n_bht_breach, 0) + $own_prior_strength * t.bht_rate)
        / (coalesce(eo.n_bht, 0) + $own_prior_strength) END AS enterprise_bht_breach_rate_smoothed,
    c.as_of - eo.last_breach_on AS enterprise_days_since_breach,
    CASE WHEN c.enterprise IS NOT NULL THEN coalesce(eo.serious_5y, 0) END AS enterprise_serious_5y
FROM cohort c
LEFT JOIN visits v ON v.as_of = c.as_of AND v.establishment = c.establishment
LEFT JOIN outcomes o ON o.as_of = c.as_of AND o.establishment = c.establishment
LEFT JOIN decisions d ON d.as_of = c.as_of AND d.establishment = c.establishment
LEFT JOIN incidents n ON n.as_of = c.as_of AND n.establishment = c.establishment
LEFT JOIN enterprise_visits ev ON ev.as_of = c.as_of AND ev.enterprise = c.enterprise
LEFT JOIN enterprise_outcomes eo ON eo.as_of = c.as_of AND eo.enterprise = c.enterprise
LEFT JOIN country t ON t.as_of = c.as_of
