WITH under_parent AS (
    SELECT as_of, parent, count(*) FILTER (status = 'living') AS enterprises
    FROM enterprises_asof
    WHERE parent IS NOT NULL
    GROUP BY as_of, parent
), states AS (
    SELECT c.establishment, c.as_of,
        coalesce(p.founded_on, p.registered_on) AS enterprise_start,
        coalesce(e.started_on, e.registered_on) AS establishment_start,
        p.form, p.country, p.sector_code, p.in_group, p.parent, p.vat_registered, p.business_registered,
        p.registered_on - p.founded_on AS gap,
        e.ownership_changed_on,
        p.name <> pb.name AS renamed,
        CASE WHEN e.industry_standard = b.industry_standard THEN e.industry_code <> b.industry_code END AS recoded,
        CASE WHEN e.address_key IS NOT NULL AND b.address_key IS NOT NULL
            THEN e.address_key <> b.address_key OR coalesce(e.municipality <> b.municipality, FALSE) END AS moved,
        p.enterprise IS NOT NULL AS known,
        p.dissolution_warned_on,
        p.bankrupt OR p.winding_up OR p.compulsory_dissolution AS dissolving,
        (e.industry_code_2 IS NOT NULL)::INTEGER + (e.industry_code_3 IS NOT NULL)::INTEGER AS extra_industries,
        r.board_members, r.has_auditor, r.has_accountant
    FROM cohort c
    LEFT JOIN establishments_asof e ON e.as_of = c.as_of AND e.establishment = c.establishment
    LEFT JOIN establishments_before_1y_asof b ON b.as_of = c.as_of AND b.establishment = c.establishment
    LEFT JOIN enterprises_asof p ON p.as_of = c.as_of AND p.enterprise = c.enterprise
    LEFT JOIN enterprises_before_1y_asof pb ON pb.as_of = c.as_of AND pb.enterprise = c.enterprise
    LEFT JOIN roles_asof r ON r.as_of = c.as_of AND r.enterprise = c.enterprise
)
SELECT s.establishment, s.as_of,
    date_diff('month', s.enterprise_start, s.as_of)
        - (day(s.as_of) < day(s.enterprise_start))::INTEGER AS enterprise_age_months,
    date_diff('month', s.establishment_start, s.as_of)
        - (day(s.as_of) < day(s.establishment_start))::INTEGER AS establishment_age_months,
    CASE WHEN s.form IS NULL THEN NULL
        WHEN list_contains($company_forms, s.form) THEN 'company'
        WHEN list_contains($public_forms, s.form) THEN 'public'
        WHEN list_contains($foreign_forms, s.form) THEN 'foreign'
        WHEN list_contains($partnership_forms, s.form) THEN 'partnership'
        WHEN list_contains($association_forms, s.form) THEN 'association'
        WHEN list_contains($sole_proprietor_forms, s.form) THEN 'sole_proprietor'
        ELSE 'other' END AS form_group,
    CASE WHEN s.form IS NOT NULL
        THEN list_contains($foreign_forms, s.form) OR coalesce(s.country <> 'NO', FALSE) END AS foreign_registered,
    s.sector_code,
    s.in_group,
    u.enterprises AS enterprises_under_parent,
    s.vat_registered,
    s.business_registered,
    s.gap AS founded_to_registered_days,
    s.as_of - s.ownership_changed_on AS days_since_ownership_change,
    s.renamed AS name_changed_1y,
    s.recoded AS industry_changed_1y,
    s.moved AS address_changed_1y,
    CASE WHEN s.known THEN s.dissolution_warned_on IS NOT NULL END AS dissolution_warned,
    s.dissolving AS under_dissolution,
    s.extra_industries,
    s.board_members,
    s.has_auditor,
    s.has_accountant
FROM states s
LEFT JOIN under_parent u ON u.as_of = s.as_of AND u.parent = s.parent
