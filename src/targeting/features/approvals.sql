-- Rules meet codes, not units: each distinct code of a day is tried once against that day's prefixes.
WITH tested AS (
    SELECT c.establishment, c.as_of, c.enterprise, e.municipality, e.county, left(e.industry, 2) AS division,
        coalesce(e.industry_standard, 'SN2025') AS standard, e.industry_sn2007, e.industry_sn2025,
        p.enterprise IS NOT NULL AS known, coalesce(p.industry_standard, 'SN2025') AS p_standard,
        p.industry_sn2007 AS p_sn2007, p.industry_sn2025 AS p_sn2025
    FROM cohort c
    LEFT JOIN establishments_asof e ON e.as_of = c.as_of AND e.establishment = c.establishment
    LEFT JOIN enterprises_asof p ON p.as_of = c.as_of AND p.enterprise = c.enterprise
), codes AS (
    SELECT as_of, 'SN2007' AS standard, industry_sn2007 AS code FROM tested WHERE industry_sn2007 IS NOT NULL
    UNION SELECT as_of, 'SN2025', industry_sn2025 FROM tested WHERE industry_sn2025 IS NOT NULL
    UNION SELECT as_of, 'SN2007', p_sn2007 FROM tested WHERE p_sn2007 IS NOT NULL
    UNION SELECT as_of, 'SN2025', p_sn2025 FROM tested WHERE p_sn2025 IS NOT NULL
), bht AS (
    SELECT k.as_of, k.standard, k.code,
        coalesce(arg_max(CASE d.answer WHEN 'yes' THEN 2 WHEN 'conditional' THEN 1 ELSE 0 END, length(d.code)), 0) AS duty
    FROM codes k
    SEMI JOIN bht_duties has ON has.as_of = k.as_of AND has.standard = k.standard
    LEFT JOIN bht_duties d ON d.as_of = k.as_of AND d.standard = k.standard AND starts_with(k.code, d.code)
    GROUP BY k.as_of, k.standard, k.code
), schemes AS (
    SELECT DISTINCT k.as_of, k.standard, k.code, d.scheme,
        r.scheme IS NOT NULL AND d.tells_from <= k.as_of AS tells
    FROM codes k
    JOIN approval_duties d ON d.as_of = k.as_of AND d.standard = k.standard AND starts_with(k.code, d.code)
    LEFT JOIN (SELECT DISTINCT as_of, scheme FROM approvals_asof) r ON r.as_of = d.as_of AND r.scheme = d.scheme
), scheme_standards AS (
    SELECT DISTINCT as_of, standard FROM approval_duties
), chosen AS (
    SELECT t.*,
        CASE WHEN t.standard = 'SN2007' THEN t.industry_sn2007 ELSE t.industry_sn2025 END AS first_code,
        CASE WHEN t.standard = 'SN2007' THEN 'SN2025' ELSE 'SN2007' END AS second_standard,
        CASE WHEN t.standard = 'SN2007' THEN t.industry_sn2025 ELSE t.industry_sn2007 END AS second_code,
        CASE WHEN t.p_standard = 'SN2007' THEN t.p_sn2007 ELSE t.p_sn2025 END AS p_first_code,
        CASE WHEN t.p_standard = 'SN2007' THEN 'SN2025' ELSE 'SN2007' END AS p_second_standard,
        CASE WHEN t.p_standard = 'SN2007' THEN t.p_sn2025 ELSE t.p_sn2007 END AS p_second_code
    FROM tested t
), scheme_codes AS (
    SELECT c.establishment, c.as_of, c.enterprise,
        CASE WHEN c.first_code IS NOT NULL AND s1.standard IS NOT NULL THEN c.standard
            WHEN c.second_code IS NOT NULL AND s2.standard IS NOT NULL THEN c.second_standard END AS standard,
        CASE WHEN c.first_code IS NOT NULL AND s1.standard IS NOT NULL THEN c.first_code
            WHEN c.second_code IS NOT NULL AND s2.standard IS NOT NULL THEN c.second_code END AS code
    FROM chosen c
    LEFT JOIN scheme_standards s1 ON s1.as_of = c.as_of AND s1.standard = c.standard
    LEFT JOIN scheme_standards s2 ON s2.as_of = c.as_of AND s2.standard = c.second_standard
), scheme_states AS (
    SELECT c.establishment, c.as_of,
        count(s.scheme) > 0 AS duty,
        CASE WHEN count(s.scheme) = 0 THEN FALSE
            WHEN bool_or(s.tells) THEN count(s.scheme) FILTER (s.tells AND a.approved IS NOT TRUE) > 0
            END AS not_approved
    FROM scheme_codes c
    LEFT JOIN schemes s ON s.as_of = c.as_of AND s.standard = c.standard AND s.code = c.code
    LEFT JOIN approvals_asof a ON a.as_of = c.as_of AND a.enterprise = c.enterprise AND a.scheme = s.scheme
    WHERE c.code IS NOT NULL
    GROUP BY c.establishment, c.as_of
), held AS (
    SELECT as_of, enterprise,
        count(*) FILTER (approved AND scheme <> 'bht_dispensation') AS approved,
        count(*) FILTER (NOT approved AND scheme <> 'bht_dispensation') AS not_approved,
        max(changed_on) FILTER (scheme <> 'bht_dispensation') AS changed_on,
        count(*) FILTER (approved AND scheme = 'bht_dispensation') AS dispensations
    FROM approvals_asof
    WHERE enterprise IN (SELECT enterprise FROM cohort)
    GROUP BY as_of, enterprise
)
SELECT c.establishment, c.as_of,
    coalesce(b1.duty, b2.duty) AS bht_duty,
    CASE WHEN c.known THEN coalesce(p1.duty, p2.duty) END AS enterprise_bht_duty,
    s.duty AS scheme_duty,
    s.not_approved AS scheme_not_approved,
    CASE WHEN c.enterprise IS NOT NULL THEN coalesce(h.approved, 0) END AS approvals_held,
    CASE WHEN c.enterprise IS NOT NULL THEN coalesce(h.not_approved, 0) > 0 END AS approval_not_granted,
    c.as_of - h.changed_on AS days_since_approval_change,
    CASE WHEN c.enterprise IS NOT NULL THEN coalesce(h.dispensations, 0) > 0 END AS bht_dispensation,
    CASE WHEN c.municipality IS NOT NULL THEN g.county IS NOT NULL END AS hiring_ban_county,
    CASE WHEN c.municipality IS NOT NULL AND c.division IS NOT NULL
        THEN g.county IS NOT NULL AND list_contains($construction_divisions, c.division) END AS construction_in_ban_county
FROM chosen c
LEFT JOIN bht b1 ON b1.as_of = c.as_of AND b1.standard = c.standard AND b1.code = c.first_code
LEFT JOIN bht b2 ON b2.as_of = c.as_of AND b2.standard = c.second_standard AND b2.code = c.second_code
LEFT JOIN bht p1 ON p1.as_of = c.as_of AND p1.standard = c.p_standard AND p1.code = c.p_first_code
LEFT JOIN bht p2 ON p2.as_of = c.as_of AND p2.standard = c.p_second_standard AND p2.code = c.p_second_code
LEFT JOIN scheme_states s ON s.as_of = c.as_of AND s.establishment = c.establishment
LEFT JOIN held h ON h.as_of = c.as_of AND h.enterprise = c.enterprise
LEFT JOIN (SELECT DISTINCT as_of, county FROM hiring_ban_counties) g ON g.as_of = c.as_of AND g.county = c.county
