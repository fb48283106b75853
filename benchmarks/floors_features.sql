-- The features of one day as plain SQL written by hand: what `benchmarks` measures our families against.
-- Views of the store's files are there under the tables' names, `members (establishment, enterprise)` are the rows,
-- `bht_duties`, `approval_duties`, `ban_counties`, `topics` the rules of the day. {day} is that day. Nothing is
-- declared, checked or cut into partitions; two days would need other SQL.

CREATE TABLE codes AS
SELECT establishment AS unit,
    arg_max(industry_code, (known_on, version)) FILTER (industry_standard = 'SN2007') AS sn2007,
    arg_max(industry_code, (known_on, version)) FILTER (industry_standard = 'SN2025') AS sn2025
FROM establishments WHERE known_on < {day} GROUP BY establishment;

CREATE TABLE translated AS
SELECT sn2025, mode(sn2007) AS sn2007 FROM codes WHERE sn2025 IS NOT NULL AND sn2007 IS NOT NULL GROUP BY sn2025;

CREATE TABLE units AS
SELECT e.* EXCLUDE (extra), c.sn2007, c.sn2025, coalesce(c.sn2007, t.sn2007, c.sn2025) AS industry,
    left(municipality, 2) AS county,
    coalesce(employees, CASE WHEN employees_registered THEN 1 WHEN NOT employees_registered THEN 0 END) AS low,
    trim(regexp_replace(lower(address), '[^\p{{L}}\p{{N}}]+', ' ', 'g')) || '|' || coalesce(postal_code, '') AS place
FROM (
    FROM establishments WHERE known_on < {day}
    QUALIFY row_number() OVER (PARTITION BY establishment ORDER BY known_on DESC, version DESC) = 1
) e JOIN codes c ON c.unit = e.establishment LEFT JOIN translated t ON t.sn2025 = c.sn2025;

CREATE TABLE units_before AS
SELECT establishment, enterprise, industry_code, industry_standard, municipality,
    coalesce(employees, CASE WHEN employees_registered THEN 1 WHEN NOT employees_registered THEN 0 END) AS low,
    trim(regexp_replace(lower(address), '[^\p{{L}}\p{{N}}]+', ' ', 'g')) || '|' || coalesce(postal_code, '') AS place
FROM establishments WHERE known_on < {day} - INTERVAL 1 YEAR
QUALIFY row_number() OVER (PARTITION BY establishment ORDER BY known_on DESC, version DESC) = 1;

CREATE TABLE owners AS
SELECT * EXCLUDE (extra, address),
    coalesce(employees, CASE WHEN employees_registered THEN 1 WHEN NOT employees_registered THEN 0 END) AS low
FROM enterprises WHERE known_on < {day}
QUALIFY row_number() OVER (PARTITION BY enterprise ORDER BY known_on DESC, version DESC) = 1;

CREATE TABLE owner_codes AS
SELECT enterprise,
    arg_max(industry_code, (known_on, version)) FILTER (industry_standard = 'SN2007') AS sn2007,
    arg_max(industry_code, (known_on, version)) FILTER (industry_standard = 'SN2025') AS sn2025
FROM enterprises WHERE known_on < {day} GROUP BY enterprise;

CREATE TABLE names_before AS
SELECT enterprise, arg_max(name, (known_on, version)) AS name
FROM enterprises WHERE known_on < {day} - INTERVAL 1 YEAR GROUP BY enterprise;

CREATE TABLE failed AS
WITH told AS (
    SELECT enterprise, bankrupt_on FROM enterprises WHERE known_on < {day} AND status = 'living'
    QUALIFY row_number() OVER (PARTITION BY enterprise ORDER BY known_on DESC, version DESC) = 1
), held AS (
    SELECT enterprise, lead(known_on) OVER (PARTITION BY establishment ORDER BY known_on, version) AS until,
        trim(regexp_replace(lower(address), '[^\p{{L}}\p{{N}}]+', ' ', 'g')) || '|' || coalesce(postal_code, '') AS place
    FROM establishments WHERE known_on < {day}
)
SELECT DISTINCT place, enterprise, bankrupt_on FROM held JOIN told USING (enterprise)
WHERE bankrupt_on < {day} AND coalesce(until >= bankrupt_on - INTERVAL 1 YEAR, TRUE) AND place IS NOT NULL;

CREATE TABLE visits AS
FROM inspections WHERE known_on < {day}
QUALIFY row_number() OVER (PARTITION BY inspection ORDER BY known_on DESC) = 1;

CREATE TABLE decided AS
FROM reactions WHERE known_on < {day}
QUALIFY row_number() OVER (PARTITION BY inspection, reference ORDER BY known_on DESC) = 1;

CREATE TABLE results AS
WITH found AS (
    SELECT inspection,
        count(*) FILTER (answer IN ('met', 'breach')) AS checked, count(*) FILTER (answer = 'breach') AS breaches,
        count(*) FILTER (topic = 'bht' AND answer IN ('met', 'breach')) AS bht_checked,
        count(*) FILTER (topic = 'bht' AND answer = 'breach') AS bht_breaches,
        count(*) FILTER (topic = 'hiring' AND answer IN ('met', 'breach')) AS hiring_checked,
        count(*) FILTER (topic = 'hiring' AND answer = 'breach') AS hiring_breaches,
        count(*) FILTER (topic = 'crime' AND answer IN ('met', 'breach')) AS crime_checked,
        count(*) FILTER (topic = 'crime' AND answer = 'breach') AS crime_breaches
    FROM (
        FROM findings WHERE known_on < {day}
        QUALIFY row_number() OVER (PARTITION BY inspection, control_point ORDER BY known_on DESC) = 1
    ) LEFT JOIN topics USING (control_point)
    GROUP BY inspection
), hard AS (
    SELECT inspection, count(*) AS n FROM decided
    WHERE kind IN ('stop', 'coercive_fine', 'penalty', 'police_report') GROUP BY inspection
)
SELECT v.establishment, v.occurred_on, f.*, f.breaches >= 5 OR coalesce(h.n, 0) > 0 AS serious
FROM found f JOIN visits v USING (inspection) LEFT JOIN hard h USING (inspection)
WHERE v.occurred_on < {day};

CREATE TABLE figures AS
SELECT *, CASE WHEN assets > 0 THEN equity / assets END AS solidity,
    CASE WHEN currency = 'NOK' AND revenue >= 0 THEN revenue END AS kroner
FROM accounts WHERE known_on < {day} AND kind = 'company'
QUALIFY row_number() OVER (PARTITION BY enterprise, year ORDER BY known_on DESC) = 1;

CREATE TABLE newest_figures AS
FROM figures QUALIFY row_number() OVER (PARTITION BY enterprise ORDER BY year DESC) = 1;

CREATE TABLE held_roles AS
FROM roles WHERE known_on < {day} QUALIFY row_number() OVER (PARTITION BY enterprise ORDER BY known_on DESC) = 1;

CREATE TABLE held_approvals AS
FROM approvals WHERE known_on < {day}
QUALIFY row_number() OVER (PARTITION BY enterprise, scheme ORDER BY known_on DESC) = 1;

CREATE TABLE cases AS
FROM incidents WHERE known_on < {day} AND occurred_on < {day}
QUALIFY row_number() OVER (PARTITION BY incident ORDER BY known_on DESC) = 1;

CREATE TABLE floor_accounts AS
SELECT m.establishment, year({day}) - a.year AS age, a.solidity, a.current_assets / nullif(a.current_debt, 0) AS liquidity,
    list_contains(['AS', 'ASA'], o.form) AND year(o.registered_on) <= year({day}) - 2
        AND greatest(coalesce(a.year, 0), coalesce(o.last_accounts_year, 0)) < year({day}) - 2 AS overdue,
    a.operating_result / nullif(a.revenue, 0) AS margin, ln(a.kroner + 1) AS log_revenue,
    ln((a.kroner + 1) / greatest(o.low, 1)) AS log_revenue_each, a.payroll / nullif(a.revenue, 0) AS payroll_share,
    a.equity < 0 AS negative, a.annual_result < 0 AS loss, coalesce(o.audit_waived_on IS NOT NULL, a.audit_waived) AS waived,
    a.revenue / nullif(one.revenue, 0) - 1 AS growth_1y, a.revenue / nullif(two.revenue, 0) - 1 AS growth_2y,
    a.solidity - two.solidity AS solidity_change
FROM members m LEFT JOIN owners o USING (enterprise) LEFT JOIN newest_figures a USING (enterprise)
LEFT JOIN figures one ON one.enterprise = a.enterprise AND one.year = a.year - 1
LEFT JOIN figures two ON two.enterprise = a.enterprise AND two.year = a.year - 2;

CREATE TABLE floor_approvals AS
WITH held AS (
    SELECT enterprise, count(*) FILTER (approved AND scheme <> 'bht_dispensation') AS approved,
        count(*) FILTER (NOT approved AND scheme <> 'bht_dispensation') AS refused,
        max(changed_on) FILTER (scheme <> 'bht_dispensation') AS changed_on,
        count(*) FILTER (approved AND scheme = 'bht_dispensation') AS dispensed
    FROM held_approvals GROUP BY enterprise
), schemes AS (
    SELECT m.establishment, count(*) > 0 AS duty, count(*) FILTER (a.approved IS NOT TRUE) > 0 AS missing
    FROM members m JOIN units u USING (establishment)
    JOIN approval_duties d ON d.standard = 'SN2007' AND d.code = u.sn2007
    LEFT JOIN held_approvals a ON a.enterprise = m.enterprise AND a.scheme = d.scheme
    GROUP BY m.establishment
)
SELECT m.establishment, coalesce(b1.duty, b2.duty) AS bht_duty, coalesce(p1.duty, p2.duty) AS owner_bht_duty,
    s.duty AS scheme_duty, s.missing, h.approved, h.refused > 0 AS refused, {day} - h.changed_on AS since_change,
    h.dispensed > 0 AS dispensed, g.county IS NOT NULL AS ban,
    g.county IS NOT NULL AND left(u.industry, 2) IN ('41', '42', '43') AS construction_in_ban
FROM members m LEFT JOIN units u USING (establishment) LEFT JOIN owner_codes o ON o.enterprise = m.enterprise
LEFT JOIN bht_duties b1 ON b1.standard = 'SN2025' AND b1.code = u.sn2025
LEFT JOIN bht_duties b2 ON b2.standard = 'SN2007' AND b2.code = u.sn2007
LEFT JOIN bht_duties p1 ON p1.standard = 'SN2025' AND p1.code = o.sn2025
LEFT JOIN bht_duties p2 ON p2.standard = 'SN2007' AND p2.code = o.sn2007
LEFT JOIN schemes s ON s.establishment = m.establishment LEFT JOIN held h ON h.enterprise = m.enterprise
LEFT JOIN ban_counties g ON g.county = u.county;

CREATE TABLE floor_enterprise AS
WITH under AS (
    SELECT parent, count(*) AS n FROM owners WHERE parent IS NOT NULL AND status = 'living' GROUP BY parent
)
SELECT m.establishment, date_sub('month', coalesce(o.founded_on, o.registered_on), {day}) AS owner_age,
    date_sub('month', coalesce(u.started_on, u.registered_on), {day}) AS age,
    CASE WHEN o.form IN ('AS', 'ASA') THEN 'company' WHEN o.form = 'NUF' THEN 'foreign' WHEN o.form = 'ENK' THEN 'sole'
        WHEN o.form IN ('KOMM', 'FYLK', 'STAT', 'ORGL', 'KF', 'FKF', 'IKS', 'SF') THEN 'public'
        WHEN o.form IN ('ANS', 'DA', 'KS', 'PRE') THEN 'partnership' WHEN o.form IS NOT NULL THEN 'other' END AS form,
    o.form = 'NUF' OR o.country <> 'NO' AS is_foreign, o.sector_code, o.in_group, n.n AS under_parent, o.vat_registered,
    o.business_registered, o.registered_on - o.founded_on AS gap, {day} - u.ownership_changed_on AS since_owner,
    o.name <> b.name AS renamed, u.industry_code <> w.industry_code AS recoded,
    u.place <> w.place OR u.municipality <> w.municipality AS moved, o.dissolution_warned_on IS NOT NULL AS warned,
    o.bankrupt OR o.winding_up OR o.compulsory_dissolution AS dissolving,
    (u.industry_code_2 IS NOT NULL)::INTEGER + (u.industry_code_3 IS NOT NULL)::INTEGER AS extra_codes,
    r.board_members, r.has_auditor, r.has_accountant
FROM members m LEFT JOIN units u USING (establishment) LEFT JOIN units_before w USING (establishment)
LEFT JOIN owners o ON o.enterprise = m.enterprise LEFT JOIN names_before b ON b.enterprise = m.enterprise
LEFT JOIN held_roles r ON r.enterprise = m.enterprise LEFT JOIN under n ON n.parent = o.parent;

CREATE TABLE floor_industry AS
WITH outcomes AS (
    SELECT u.industry, u.county, u.municipality, r.*
    FROM results r JOIN units u USING (establishment) WHERE r.occurred_on >= {day} - INTERVAL 5 YEAR
), country AS (SELECT avg((breaches > 0)::INTEGER) AS rate FROM outcomes), by_industry AS (
    SELECT industry, count(*) AS n,
        (count(*) FILTER (breaches > 0) + 20 * rate) / (count(*) + 20) AS breach,
        (count(*) FILTER (bht_breaches > 0) + 20 * rate) / (count(*) FILTER (bht_checked > 0) + 20) AS bht,
        (count(*) FILTER (serious) + 20 * rate) / (count(*) + 20) AS serious,
        (count(*) FILTER (hiring_breaches > 0) + 20 * rate) / (count(*) FILTER (hiring_checked > 0) + 20) AS hiring,
        (count(*) FILTER (crime_breaches > 0) + 20 * rate) / (count(*) FILTER (crime_checked > 0) + 20) AS crime
    FROM outcomes, country GROUP BY industry, rate
), by_municipality AS (
    SELECT municipality, (count(*) FILTER (breaches > 0) + 20 * rate) / (count(*) + 20) AS breach,
        (count(*) FILTER (bht_breaches > 0) + 20 * rate) / (count(*) FILTER (bht_checked > 0) + 20) AS bht
    FROM outcomes, country GROUP BY municipality, rate
), by_county AS (
    SELECT county, (count(*) FILTER (breaches > 0) + 20 * rate) / (count(*) + 20) AS breach
    FROM outcomes, country GROUP BY county, rate
), employing AS (
    SELECT left(industry, 4) AS code, count(*) AS units FROM units WHERE status = 'living' AND low >= 1 GROUP BY ALL
), visited AS (
    SELECT left(u.industry, 4) AS code, count(*) AS n FROM visits v JOIN units u USING (establishment)
    WHERE v.occurred_on >= {day} - INTERVAL 1 YEAR GROUP BY ALL
)
SELECT m.establishment, left(u.industry, 2) AS division, u.industry, u.county, i.breach, i.bht, i.serious, i.hiring,
    i.crime, coalesce(i.n, 0) AS n, coalesce(v.n, 0) / w.units AS inspected, c.breach AS county_breach,
    p.breach AS place_breach, p.bht AS place_bht
FROM members m LEFT JOIN units u USING (establishment) LEFT JOIN by_industry i ON i.industry = u.industry
LEFT JOIN by_county c ON c.county = u.county LEFT JOIN by_municipality p ON p.municipality = u.municipality
LEFT JOIN employing w ON w.code = left(u.industry, 4) LEFT JOIN visited v ON v.code = left(u.industry, 4);

CREATE TABLE floor_history AS
WITH started AS (
    SELECT v.establishment, count(*) AS n, count(*) FILTER (v.occurred_on >= {day} - INTERVAL 1 YEAR) AS n1,
        count(*) FILTER (v.occurred_on >= {day} - INTERVAL 3 YEAR) AS n3,
        count(*) FILTER (v.occurred_on >= {day} - INTERVAL 5 YEAR) AS n5, count(*) FILTER (v.form = 'document') AS documents,
        count(*) FILTER (v.origin = 'follow_up' AND v.occurred_on >= {day} - INTERVAL 3 YEAR) AS follow_ups,
        max(v.occurred_on) AS last_on, arg_max(r.inspection IS NULL, v.occurred_on) AS pending
    FROM visits v LEFT JOIN results r USING (inspection)
    WHERE v.occurred_on < {day} AND coalesce(v.status, '') NOT IN ('planlegging', 'avbrutt') GROUP BY v.establishment
), outcomes AS (
    SELECT establishment, count(*) AS n, count(*) FILTER (breaches > 0) AS b, count(*) FILTER (bht_checked > 0) AS n_bht,
        count(*) FILTER (bht_breaches > 0) AS b_bht, sum(breaches) AS breaches, sum(checked) AS checked,
        count(*) FILTER (serious AND occurred_on >= {day} - INTERVAL 5 YEAR) AS serious,
        sum(breaches) FILTER (occurred_on >= {day} - INTERVAL 3 YEAR) AS breaches_3y,
        max(occurred_on) FILTER (breaches > 0) AS breach_on, max(occurred_on) FILTER (bht_checked > 0) AS bht_on,
        arg_max(breaches, occurred_on) AS last_breaches, arg_max(checked, occurred_on) AS last_checked,
        arg_max(serious, occurred_on) AS last_serious,
        arg_max(bht_breaches > 0, occurred_on) FILTER (bht_checked > 0) AS last_bht,
        arg_max(hiring_breaches > 0, occurred_on) FILTER (hiring_checked > 0) AS last_hiring,
        arg_max(crime_breaches > 0, occurred_on) FILTER (crime_checked > 0) AS last_crime
    FROM results GROUP BY establishment
), of_owner AS (
    SELECT u.enterprise, sum(s.n3) AS n3, sum(o.n) AS n, sum(o.b) AS b, sum(o.n_bht) AS n_bht, sum(o.b_bht) AS b_bht,
        sum(o.serious) AS serious, max(o.breach_on) AS breach_on
    FROM started s JOIN units u USING (establishment) LEFT JOIN outcomes o USING (establishment) GROUP BY u.enterprise
), orders AS (
    SELECT v.establishment, count(*) FILTER (d.kind = 'order' AND v.occurred_on >= {day} - INTERVAL 3 YEAR) AS orders,
        count(*) FILTER (d.kind <> 'order' AND v.occurred_on >= {day} - INTERVAL 5 YEAR) AS sanctions
    FROM decided d JOIN visits v USING (inspection) GROUP BY v.establishment
), told AS (
    SELECT establishment, count(*) FILTER (kind = 'accident' AND occurred_on >= {day} - INTERVAL 3 YEAR) AS accidents,
        count(*) FILTER (kind <> 'accident' AND occurred_on >= {day} - INTERVAL 1 YEAR) AS notices
    FROM cases GROUP BY establishment
), country AS (SELECT avg((breaches > 0)::INTEGER) AS rate, sum((bht_breaches > 0)::INTEGER)
    / nullif(sum((bht_checked > 0)::INTEGER), 0) AS bht_rate FROM results)
SELECT m.establishment, s.n1, s.n3, s.n5, s.n, s.documents, s.follow_ups, {day} - s.last_on AS since,
    {day} - o.bht_on AS since_bht, {day} - o.breach_on AS since_breach,
    CASE WHEN s.pending THEN {day} - s.last_on END AS since_pending, o.n AS answered, o.last_breaches,
    o.last_breaches / nullif(o.last_checked, 0) AS last_share, o.last_bht, o.last_hiring, o.last_crime, o.last_serious,
    o.breaches_3y, o.breaches / nullif(o.checked, 0) AS a_point,
    (coalesce(o.b, 0) + 4 * c.rate) / (coalesce(o.n, 0) + 4) AS smoothed,
    (coalesce(o.b_bht, 0) + 4 * c.bht_rate) / (coalesce(o.n_bht, 0) + 4) AS bht_smoothed, o.serious, d.orders, d.sanctions,
    t.accidents, t.notices, w.n3 AS owner_n3, w.n AS owner_n,
    (coalesce(w.b, 0) + 4 * c.rate) / (coalesce(w.n, 0) + 4) AS owner_smoothed,
    (coalesce(w.b_bht, 0) + 4 * c.bht_rate) / (coalesce(w.n_bht, 0) + 4) AS owner_bht_smoothed,
    {day} - w.breach_on AS owner_since, w.serious AS owner_serious
FROM country c, members m LEFT JOIN started s USING (establishment) LEFT JOIN outcomes o USING (establishment)
LEFT JOIN orders d USING (establishment) LEFT JOIN told t USING (establishment)
LEFT JOIN of_owner w ON w.enterprise = m.enterprise;

CREATE TABLE floor_neighbourhood AS
WITH here AS (
    SELECT place, count(*) AS n, count(DISTINCT enterprise) AS owners FROM units WHERE status = 'living' GROUP BY place
), found AS (
    SELECT u.place, count(*) AS n, count(*) FILTER (r.breaches > 0) AS b
    FROM results r JOIN units u USING (establishment) GROUP BY u.place
), own AS (
    SELECT establishment, count(*) AS n, count(*) FILTER (breaches > 0) AS b FROM results GROUP BY establishment
), fallen AS (
    SELECT place, count(*) AS n FROM failed WHERE bankrupt_on >= {day} - INTERVAL 2 YEAR GROUP BY place
), municipalities AS (
    SELECT municipality, count(*) AS n FROM units WHERE status = 'living' GROUP BY municipality
), likes AS (
    SELECT municipality, left(industry, 4) AS code, count(*) AS n FROM units WHERE status = 'living' GROUP BY ALL
)
SELECT m.establishment, h.n AS at_address, h.owners, coalesce(f.n, 0) - coalesce(o.n, 0) AS results,
    (coalesce(f.b, 0) - coalesce(o.b, 0) + 2) / (coalesce(f.n, 0) - coalesce(o.n, 0) + 4) AS breach_rate,
    coalesce(k.n, 0) AS failed, p.n AS in_municipality, i.n - 1 AS alike
FROM members m LEFT JOIN units u USING (establishment) LEFT JOIN here h ON h.place = u.place
LEFT JOIN found f ON f.place = u.place LEFT JOIN own o ON o.establishment = m.establishment
LEFT JOIN fallen k ON k.place = u.place LEFT JOIN municipalities p ON p.municipality = u.municipality
LEFT JOIN likes i ON i.municipality = u.municipality AND i.code = left(u.industry, 4);

CREATE TABLE floor_flags AS
WITH phoenixes AS (
    SELECT DISTINCT m.establishment FROM members m JOIN units u USING (establishment) JOIN failed k ON k.place = u.place
    WHERE k.enterprise <> m.enterprise AND u.started_on >= {day} - INTERVAL 2 YEAR
        AND abs(k.bankrupt_on - u.started_on) <= 365
), here AS (
    SELECT place, count(DISTINCT enterprise) AS n FROM units WHERE status = 'living' GROUP BY place
), soles AS (
    SELECT u.place, left(u.industry, 4) AS code, count(DISTINCT u.enterprise) AS n
    FROM units u JOIN owners o USING (enterprise) WHERE u.status = 'living' AND o.form = 'ENK' GROUP BY ALL
), missing AS (
    SELECT DISTINCT m.establishment FROM members m JOIN units u USING (establishment)
    JOIN approval_duties d ON d.standard = 'SN2007' AND d.code = u.sn2007
    LEFT JOIN held_approvals a ON a.enterprise = m.enterprise AND a.scheme = d.scheme WHERE a.approved IS NOT TRUE
), sanctions AS (
    SELECT v.establishment, count(*) AS n FROM decided d JOIN visits v USING (inspection)
    WHERE d.kind <> 'order' AND v.occurred_on >= {day} - INTERVAL 5 YEAR GROUP BY v.establishment
), notices AS (
    SELECT establishment, count(*) AS n FROM cases
    WHERE kind <> 'accident' AND occurred_on >= {day} - INTERVAL 1 YEAR GROUP BY establishment
), pay AS (
    FROM employment WHERE known_on < {day}
    QUALIFY row_number() OVER (PARTITION BY establishment ORDER BY quarter_start DESC, known_on DESC) = 1
)
SELECT m.establishment, r.role_holder_bankruptcies >= 2 AS f1,
    coalesce(r.manager_changes_12m, 0) + coalesce(r.board_changes_12m, 0) >= 3 AS f2, x.establishment IS NOT NULL AS f3,
    o.dissolution_warned_on IS NOT NULL OR o.last_accounts_year < year({day}) - 2 AS f4,
    NOT r.has_auditor AND NOT r.has_accountant AS f5,
    (o.low = 0 AND a.kroner >= 1000000) OR (o.low >= 5 AND a.payroll / nullif(a.revenue, 0) < 0.03) AS f6,
    date_sub('month', o.founded_on, {day}) < 24 AND (o.low >= 10 OR a.kroner >= 10000000) AS f7, h.n >= 10 AS f8,
    (o.name <> b.name)::INTEGER + (u.industry_code <> w.industry_code)::INTEGER + (u.place <> w.place)::INTEGER >= 2 AS f9,
    NOT o.vat_registered AND a.kroner > 50000 AND left(u.industry, 2) NOT IN ('64', '65', '66', '68', '84', '85') AS f10,
    g.establishment IS NOT NULL AS f11, o.form = 'NUF' AND (u.address IS NULL OR u.country <> 'NO') AS f12,
    coalesce(k.n, 0) >= 3 AS f13, coalesce(s.n, 0) > 0 OR coalesce(t.n, 0) >= 2 AS f14,
    u.low >= 5 AND q.hms_cards < 0.5 * u.low AS f15, q.share_below_minimum_rate >= 0.1 AS f16,
    q.share_below_minimum_rate AS below
FROM members m LEFT JOIN units u USING (establishment) LEFT JOIN units_before w USING (establishment)
LEFT JOIN owners o ON o.enterprise = m.enterprise LEFT JOIN names_before b ON b.enterprise = m.enterprise
LEFT JOIN held_roles r ON r.enterprise = m.enterprise LEFT JOIN newest_figures a ON a.enterprise = m.enterprise
LEFT JOIN phoenixes x ON x.establishment = m.establishment LEFT JOIN here h ON h.place = u.place
LEFT JOIN soles k ON k.place = u.place AND k.code = left(u.industry, 4)
LEFT JOIN missing g ON g.establishment = m.establishment LEFT JOIN sanctions s ON s.establishment = m.establishment
LEFT JOIN notices t ON t.establishment = m.establishment LEFT JOIN pay q ON q.establishment = m.establishment;

CREATE TABLE floor_workforce AS
WITH sisters AS (
    SELECT enterprise, count(*) AS n, sum(low) AS low FROM units WHERE status = 'living' GROUP BY enterprise
), states AS (
    SELECT m.establishment, u.low, u.employees IS NULL AS uncounted, w.low AS before, o.low AS owner_low, s.n, s.low AS known,
        (u.low >= 1)::INTEGER + (u.low >= 5)::INTEGER + (u.low >= 10)::INTEGER
            + (u.low >= 20)::INTEGER + (u.low >= 50)::INTEGER + (u.low >= 100)::INTEGER + (u.low >= 250)::INTEGER AS class,
        (w.low >= 1)::INTEGER + (w.low >= 5)::INTEGER + (w.low >= 10)::INTEGER
            + (w.low >= 20)::INTEGER + (w.low >= 50)::INTEGER + (w.low >= 100)::INTEGER + (w.low >= 250)::INTEGER AS class_before
    FROM members m LEFT JOIN units u USING (establishment) LEFT JOIN units_before w USING (establishment)
    LEFT JOIN owners o ON o.enterprise = m.enterprise LEFT JOIN sisters s ON s.enterprise = m.enterprise
)
SELECT establishment, low, class, low = 1 AND uncounted AS censored, low - before AS change,
    (low + 1) / (before + 1) AS growth, class - class_before AS class_change, low > 0 AND before = 0 AS fresh, owner_low, n,
    low / nullif(known, 0) AS share
FROM states;
