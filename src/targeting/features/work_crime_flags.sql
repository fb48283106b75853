WITH own AS MATERIALIZED (
    SELECT c.establishment, c.as_of, c.enterprise,
        u.address_key, u.address, u.country AS unit_country, u.industry, u.employees_low,
        coalesce(u.started_on, u.registered_on) AS start_on,
        CASE WHEN u.industry_standard = b.industry_standard THEN u.industry_code <> b.industry_code END AS recoded,
        CASE WHEN u.address_key IS NOT NULL AND b.address_key IS NOT NULL
            THEN u.address_key <> b.address_key OR coalesce(u.municipality <> b.municipality, FALSE) END AS moved,
        p.name <> pb.name AS renamed,
        p.form, p.employees_low AS enterprise_low, p.vat_registered, p.registered_on, p.last_accounts_year,
        p.dissolution_warned_on IS NOT NULL AS warned,
        date_diff('month', coalesce(p.founded_on, p.registered_on), c.as_of)
            - (day(c.as_of) < day(coalesce(p.founded_on, p.registered_on)))::INTEGER AS age_months,
        year(c.as_of) - CASE WHEN month(c.as_of) >= $filing_month THEN 1 ELSE 2 END AS year_due
    FROM cohort c
    LEFT JOIN establishments_asof u ON u.as_of = c.as_of AND u.establishment = c.establishment
    LEFT JOIN establishments_before_1y_asof b ON b.as_of = c.as_of AND b.establishment = c.establishment
    LEFT JOIN enterprises_asof p ON p.as_of = c.as_of AND p.enterprise = c.enterprise
    LEFT JOIN enterprises_before_1y_asof pb ON pb.as_of = c.as_of AND pb.enterprise = c.enterprise
), here AS MATERIALIZED (
    -- Who is at the addresses of the cohort.
    SELECT as_of, enterprise, status, address_key, industry
    FROM establishments_asof SEMI JOIN own USING (as_of, address_key)
), newest_accounts AS (
    SELECT as_of, enterprise, year,
        CASE WHEN currency = 'NOK' AND revenue >= 0 THEN revenue END AS kroner,
        CASE WHEN revenue > 0 THEN payroll / revenue END AS payroll_share
    FROM accounts_asof
    WHERE kind = 'company' AND enterprise IN (SELECT enterprise FROM cohort)
    QUALIFY row_number() OVER (PARTITION BY as_of, enterprise ORDER BY year DESC) = 1
), phoenixes AS (
    SELECT DISTINCT o.as_of, o.establishment
    FROM own o
    JOIN bankruptcies_asof k
        ON k.as_of = o.as_of AND k.address_key = o.address_key AND left(k.industry, 2) = left(o.industry, 2)
    WHERE k.enterprise IS DISTINCT FROM o.enterprise
        AND o.start_on >= o.as_of - INTERVAL 2 YEAR AND o.start_on < o.as_of
        AND abs(k.bankrupt_on - o.start_on) <= $phoenix_days
), addresses AS (
    SELECT as_of, address_key, count(DISTINCT enterprise) AS enterprises
    FROM here
    WHERE status = 'living'
    GROUP BY as_of, address_key
), sole_at AS (
    SELECT DISTINCT u.as_of, u.address_key, left(u.industry, 4) AS code, u.enterprise
    FROM here u JOIN enterprises_asof p ON p.as_of = u.as_of AND p.enterprise = u.enterprise
    WHERE u.status = 'living' AND p.form = 'ENK' AND u.industry IS NOT NULL
), sole_counts AS (
    SELECT as_of, address_key, code, count(*) AS enterprises
    FROM sole_at
    GROUP BY as_of, address_key, code
), duty_codes AS (
    SELECT k.as_of, k.establishment, k.enterprise, k.standard, k.code
    FROM (
        SELECT c.as_of, c.establishment, c.enterprise, t.standard,
            CASE t.standard WHEN 'SN2007' THEN e.industry_sn2007 ELSE e.industry_sn2025 END AS code,
            t.standard = coalesce(e.industry_standard, 'SN2025') AS own_standard
        FROM cohort c
        JOIN establishments_asof e ON e.as_of = c.as_of AND e.establishment = c.establishment
        JOIN (SELECT DISTINCT as_of, standard FROM approval_duties) t ON t.as_of = c.as_of
    ) k
    WHERE k.code IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY k.as_of, k.establishment ORDER BY k.own_standard DESC) = 1
), schemes AS (
    SELECT DISTINCT k.as_of, k.standard, k.code, d.scheme,
        r.scheme IS NOT NULL AND d.tells_from <= k.as_of AS tells
    FROM (SELECT DISTINCT as_of, standard, code FROM duty_codes) k
    JOIN approval_duties d ON d.as_of = k.as_of AND d.standard = k.standard AND starts_with(k.code, d.code)
    LEFT JOIN (SELECT DISTINCT as_of, scheme FROM approvals_asof) r ON r.as_of = d.as_of AND r.scheme = d.scheme
), missing_approvals AS (
    SELECT k.as_of, k.establishment,
        CASE WHEN count(s.scheme) = 0 THEN FALSE
            WHEN bool_or(s.tells) THEN count(s.scheme) FILTER (s.tells AND a.approved IS NOT TRUE) > 0
            END AS missing
    FROM duty_codes k
    LEFT JOIN schemes s ON s.as_of = k.as_of AND s.standard = k.standard AND s.code = k.code
    LEFT JOIN approvals_asof a ON a.as_of = k.as_of AND a.enterprise = k.enterprise AND a.scheme = s.scheme
    GROUP BY k.as_of, k.establishment
), sanctions AS (
    SELECT r.as_of, i.establishment, count(*) AS n
    FROM reactions_asof r JOIN inspections_asof i ON i.as_of = r.as_of AND i.inspection = r.inspection
    WHERE i.establishment IN (SELECT establishment FROM cohort)
        AND r.kind IN ('stop', 'coercive_fine', 'penalty', 'police_report')
        AND i.occurred_on >= r.as_of - INTERVAL 5 YEAR AND i.occurred_on < r.as_of
    GROUP BY r.as_of, i.establishment
), notices AS (
    SELECT as_of, establishment, count(*) AS n
    FROM incidents_asof
    WHERE establishment IN (SELECT establishment FROM cohort) AND kind IN ('tip', 'concern')
        AND occurred_on >= as_of - INTERVAL 1 YEAR AND occurred_on < as_of
    GROUP BY as_of, establishment
), quarters AS (
    SELECT as_of, establishment, hms_cards, share_below_minimum_rate
    FROM employment_asof
    WHERE establishment IN (SELECT establishment FROM cohort)
    QUALIFY row_number() OVER (PARTITION BY as_of, establishment ORDER BY quarter_start DESC) = 1
), flags AS (
    SELECT o.establishment, o.as_of,
        r.role_holder_bankruptcies >= $role_bankruptcies AS flag_role_holder_bankruptcies,
        CASE WHEN coalesce(r.manager_changes_12m, r.board_changes_12m) IS NOT NULL
            THEN coalesce(r.manager_changes_12m, 0) + coalesce(r.board_changes_12m, 0) >= $role_changes
            END AS flag_role_changes,
        CASE WHEN o.address_key IS NOT NULL AND o.industry IS NOT NULL AND o.start_on IS NOT NULL
            THEN x.establishment IS NOT NULL END AS flag_phoenix,
        o.warned OR CASE WHEN o.form IS NULL THEN NULL
            WHEN NOT list_contains($filing_forms, o.form) THEN FALSE
            WHEN o.registered_on IS NULL THEN NULL
            ELSE year(o.registered_on) <= o.year_due
                AND greatest(coalesce(a.year, 0), coalesce(o.last_accounts_year, 0)) < o.year_due
            END AS flag_accounts_or_dissolution,
        NOT r.has_auditor AND NOT r.has_accountant AS flag_no_auditor_or_accountant,
        CASE WHEN a.enterprise IS NOT NULL AND o.enterprise_low IS NOT NULL
            THEN coalesce(o.enterprise_low = 0 AND a.kroner >= $revenue_without_employees, FALSE)
                OR coalesce(o.enterprise_low >= 5 AND a.payroll_share < $least_payroll_share, FALSE)
            END AS flag_unregistered_labour,
        CASE WHEN o.age_months IS NOT NULL
            THEN o.age_months < $young_months AND (
                coalesce(o.enterprise_low >= $young_employees, FALSE) OR coalesce(a.kroner >= $young_revenue, FALSE)
            ) END AS flag_young_and_large,
        CASE WHEN o.address_key IS NOT NULL
            THEN coalesce(n.enterprises, 0) >= $cluster_enterprises END AS flag_address_cluster,
        CASE WHEN coalesce(o.renamed, o.recoded, o.moved) IS NOT NULL
            THEN coalesce(o.renamed::INTEGER, 0) + coalesce(o.recoded::INTEGER, 0) + coalesce(o.moved::INTEGER, 0) >= 2
            END AS flag_frequent_changes,
        CASE WHEN o.vat_registered IS NOT NULL AND o.industry IS NOT NULL AND a.enterprise IS NOT NULL
            THEN NOT o.vat_registered AND coalesce(a.kroner > $vat_limit, FALSE)
                AND NOT list_contains($vat_exempt_divisions, left(o.industry, 2)) END AS flag_not_in_vat_register,
        m.missing AS flag_missing_approval,
        CASE WHEN o.form IS NOT NULL
            THEN o.form = 'NUF' AND (o.address IS NULL OR coalesce(o.unit_country <> 'NO', FALSE))
            END AS flag_foreign_without_place,
        CASE WHEN o.address_key IS NOT NULL AND o.industry IS NOT NULL
            THEN coalesce(k.enterprises, 0) - (me.enterprise IS NOT NULL)::INTEGER >= $chain_length
            END AS flag_sole_proprietor_chain,
        coalesce(s.n, 0) > 0 OR coalesce(t.n, 0) >= $notices AS flag_case_history,
        CASE WHEN q.hms_cards IS NOT NULL AND o.employees_low IS NOT NULL
            THEN o.employees_low >= 5 AND q.hms_cards < $card_share * o.employees_low END AS flag_few_hms_cards,
        q.share_below_minimum_rate >= $low_pay_share AS flag_pay_below_minimum,
        q.share_below_minimum_rate AS pay_below_minimum_share
    FROM own o
    LEFT JOIN roles_asof r ON r.as_of = o.as_of AND r.enterprise = o.enterprise
    LEFT JOIN phoenixes x ON x.as_of = o.as_of AND x.establishment = o.establishment
    LEFT JOIN newest_accounts a ON a.as_of = o.as_of AND a.enterprise = o.enterprise
    LEFT JOIN addresses n ON n.as_of = o.as_of AND n.address_key = o.address_key
    LEFT JOIN sole_counts k
        ON k.as_of = o.as_of AND k.address_key = o.address_key AND k.code = left(o.industry, 4)
    LEFT JOIN sole_at me
        ON me.as_of = o.as_of AND me.address_key = o.address_key AND me.code = left(o.industry, 4)
        AND me.enterprise = o.enterprise
    LEFT JOIN missing_approvals m ON m.as_of = o.as_of AND m.establishment = o.establishment
    LEFT JOIN sanctions s ON s.as_of = o.as_of AND s.establishment = o.establishment
    LEFT JOIN notices t ON t.as_of = o.as_of AND t.establishment = o.establishment
    LEFT JOIN quarters q ON q.as_of = o.as_of AND q.establishment = o.establishment
)
SELECT *,
    -- Of the flags that are not personal (1, 2 and 13 are).
    coalesce(flag_phoenix::INTEGER, 0) + coalesce(flag_accounts_or_dissolution::INTEGER, 0)
        + coalesce(flag_no_auditor_or_accountant::INTEGER, 0) + coalesce(flag_unregistered_labour::INTEGER, 0)
        + coalesce(flag_young_and_large::INTEGER, 0) + coalesce(flag_address_cluster::INTEGER, 0)
        + coalesce(flag_frequent_changes::INTEGER, 0) + coalesce(flag_not_in_vat_register::INTEGER, 0)
        + coalesce(flag_missing_approval::INTEGER, 0) + coalesce(flag_foreign_without_place::INTEGER, 0)
        + coalesce(flag_case_history::INTEGER, 0) + coalesce(flag_few_hms_cards::INTEGER, 0)
        + coalesce(flag_pay_below_minimum::INTEGER, 0) AS work_crime_flags_raised
FROM flags
