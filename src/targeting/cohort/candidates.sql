-- One row per registered (as_of, establishment) asked for whose enterprise was known: what decides whether it is in a
-- cohort. An establishment whose enterprise is unknown has no addressee and no legal form, so it cannot be ranked.
WITH dispensations AS (
    SELECT as_of, enterprise,
        max(CASE WHEN status ILIKE 'delvis%' OR status ILIKE 'partial%' THEN 1 ELSE 2 END) AS degree
    FROM approvals_asof
    WHERE scheme = 'bht_dispensation' AND approved
    GROUP BY ALL
), units AS (
    SELECT e.establishment, e.enterprise, e.as_of, e.industry_code, e.industry_standard, e.industry, e.county,
        e.industry_sn2007, e.industry_sn2025, e.employees_low, p.form AS legal_form,
        coalesce(p.bankrupt, false) AS bankrupt,
        coalesce(p.winding_up, false) OR coalesce(p.compulsory_dissolution, false) AS winding_up,
        coalesce(e.vat_registered, false) OR coalesce(p.vat_registered, false) AS in_vat_register,
        date_sub('month', coalesce(e.started_on, e.registered_on, p.registered_on, p.founded_on), e.as_of)
            AS age_months,
        l.standard AS list_standard,
        -- The code in the list's own standard; the other one only when that is all there is.
        CASE WHEN l.standard = 'SN2025' THEN coalesce(e.industry_sn2025, e.industry_sn2007)
             ELSE coalesce(e.industry_sn2007, e.industry_sn2025) END AS own_code,
        CASE WHEN l.standard = 'SN2025' THEN if(e.industry_sn2025 IS NULL, 'SN2007', 'SN2025')
             ELSE if(e.industry_sn2007 IS NULL, 'SN2025', 'SN2007') END AS own_standard,
        CASE WHEN l.standard = 'SN2025' THEN coalesce(p.industry_sn2025, p.industry_sn2007)
             ELSE coalesce(p.industry_sn2007, p.industry_sn2025) END AS parent_code,
        CASE WHEN l.standard = 'SN2025' THEN if(p.industry_sn2025 IS NULL, 'SN2007', 'SN2025')
             ELSE if(p.industry_sn2007 IS NULL, 'SN2025', 'SN2007') END AS parent_standard
    FROM {establishments} e
    JOIN enterprises_asof p ON p.as_of = e.as_of AND p.enterprise = e.enterprise
    JOIN bht_list l ON l.as_of = e.as_of
    WHERE e.status = 'living' AND p.status = 'living' AND (e.ceased_on IS NULL OR e.ceased_on >= e.as_of)
), judged AS (
    SELECT u.*,
        coalesce(u.legal_form = 'ENK', false) AS sole_proprietor,
        coalesce(d.degree, 0) AS dispensation_degree,
        CASE own.answer WHEN 'yes' THEN 2 WHEN 'conditional' THEN 1 ELSE 0 END AS own_strength,
        CASE parent.answer WHEN 'yes' THEN 2 WHEN 'conditional' THEN 1 ELSE 0 END AS parent_strength,
        own.clause AS own_clause, parent.clause AS parent_clause
    FROM units u
    LEFT JOIN dispensations d ON d.as_of = u.as_of AND d.enterprise = u.enterprise
    LEFT JOIN bht_duties own
        ON own.as_of = u.as_of AND own.standard = u.own_standard AND own.code = u.own_code
    LEFT JOIN bht_duties parent
        ON parent.as_of = u.as_of AND parent.standard = u.parent_standard AND parent.code = u.parent_code
)
SELECT * EXCLUDE (dispensation_degree, own_strength, parent_strength, own_clause, parent_clause),
    NOT bankrupt AND NOT winding_up AS living,
    CASE WHEN employees_low IS NULL THEN 'unknown'
         WHEN employees_low < 1 THEN '0'
         WHEN employees_low < 5 THEN '1-4'
         WHEN employees_low < 10 THEN '5-9'
         WHEN employees_low < 20 THEN '10-19'
         WHEN employees_low < 50 THEN '20-49'
         WHEN employees_low < 100 THEN '50-99'
         WHEN employees_low < 250 THEN '100-249'
         ELSE '250+' END AS size_class,
    CASE dispensation_degree WHEN 2 THEN 'full' WHEN 1 THEN 'partial' ELSE 'none' END AS bht_dispensation,
    -- Main activity: when the enterprise's code is listed, all its establishments are covered.
    CASE WHEN dispensation_degree = 2 OR coalesce(employees_low = 0, false) THEN 'no'
         WHEN greatest(own_strength, parent_strength) = 2 THEN 'yes'
         WHEN greatest(own_strength, parent_strength) = 1 THEN 'conditional'
         ELSE 'no' END AS bht_duty,
    CASE WHEN own_strength >= parent_strength AND own_clause IS NOT NULL THEN own_clause
         ELSE coalesce(parent_clause, own_clause) END AS bht_clause,
    CASE WHEN own_strength >= parent_strength THEN 'establishment' ELSE 'enterprise' END AS bht_basis
FROM judged
