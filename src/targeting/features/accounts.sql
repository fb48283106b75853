WITH company AS MATERIALIZED (
    SELECT *,
        CASE WHEN assets > 0 THEN equity / assets END AS solidity,
        CASE WHEN currency = 'NOK' AND revenue >= 0 THEN revenue END AS kroner
    FROM accounts_asof
    WHERE kind = 'company' AND enterprise IN (SELECT enterprise FROM cohort)
), newest AS (
    SELECT *
    FROM company
    QUALIFY row_number() OVER (PARTITION BY as_of, enterprise ORDER BY year DESC) = 1
), states AS (
    SELECT c.establishment, c.as_of, c.enterprise, p.form, p.registered_on, p.last_accounts_year,
        p.audit_waived_on, p.employees_low,
        year(c.as_of) - CASE WHEN month(c.as_of) >= $filing_month THEN 1 ELSE 2 END AS year_due
    FROM cohort c LEFT JOIN enterprises_asof p ON p.as_of = c.as_of AND p.enterprise = c.enterprise
)
SELECT s.establishment, s.as_of,
    year(s.as_of) - a.year AS accounts_age_years,
    CASE WHEN s.form IS NULL THEN NULL
        WHEN NOT list_contains($filing_forms, s.form) THEN FALSE
        WHEN s.registered_on IS NULL THEN NULL
        ELSE year(s.registered_on) <= s.year_due
            AND greatest(coalesce(a.year, 0), coalesce(s.last_accounts_year, 0)) < s.year_due
        END AS accounts_overdue,
    a.solidity,
    CASE WHEN a.current_debt > 0 THEN a.current_assets / a.current_debt END AS liquidity,
    CASE WHEN a.revenue > 0 THEN a.operating_result / a.revenue END AS operating_margin,
    ln(a.kroner + 1) AS log_revenue,
    ln((a.kroner + 1) / CASE WHEN s.employees_low > 1 THEN s.employees_low WHEN s.employees_low >= 0 THEN 1 END)
        AS log_revenue_per_employee,
    CASE WHEN a.revenue > 0 THEN a.payroll / a.revenue END AS payroll_share,
    a.equity < 0 AS negative_equity,
    a.annual_result < 0 AS annual_loss,
    CASE WHEN s.audit_waived_on IS NOT NULL THEN TRUE ELSE a.audit_waived END AS audit_waived,
    CASE WHEN a.revenue > 0 AND one.revenue > 0 AND a.currency = one.currency
        THEN a.revenue / one.revenue - 1 END AS revenue_growth_1y,
    CASE WHEN a.revenue > 0 AND two.revenue > 0 AND a.currency = two.currency
        THEN a.revenue / two.revenue - 1 END AS revenue_growth_2y,
    a.solidity - two.solidity AS solidity_change_2y
FROM states s
LEFT JOIN newest a ON a.as_of = s.as_of AND a.enterprise = s.enterprise
LEFT JOIN company one ON one.as_of = a.as_of AND one.enterprise = a.enterprise AND one.year = a.year - 1
LEFT JOIN company two ON two.as_of = a.as_of AND two.enterprise = a.enterprise AND two.year = a.year - 2
