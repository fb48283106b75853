WITH enterprise_units AS (
    SELECT as_of, enterprise, count(*) AS establishments, sum(employees_low) AS employees
    FROM establishments_asof
    WHERE status = 'living' AND enterprise IN (SELECT enterprise FROM cohort)
    GROUP BY as_of, enterprise
), states AS (
    SELECT c.establishment, c.as_of, c.enterprise,
        e.employees_low AS low, e.employees IS NULL AS no_count, b.employees_low AS low_before,
        p.employees_low AS enterprise_low, u.establishments, u.employees AS known_sum
    FROM cohort c
    LEFT JOIN establishments_asof e ON e.as_of = c.as_of AND e.establishment = c.establishment
    LEFT JOIN establishments_before_1y_asof b ON b.as_of = c.as_of AND b.establishment = c.establishment
    LEFT JOIN enterprises_asof p ON p.as_of = c.as_of AND p.enterprise = c.enterprise
    LEFT JOIN enterprise_units u ON u.as_of = c.as_of AND u.enterprise = c.enterprise
), classed AS (
    -- A class is the number of its lower bounds that are reached; null stays null.
    SELECT *,
        (low >= 1)::INTEGER + (low >= 5)::INTEGER + (low >= 10)::INTEGER + (low >= 20)::INTEGER
            + (low >= 50)::INTEGER + (low >= 100)::INTEGER + (low >= 250)::INTEGER AS class,
        (low_before >= 1)::INTEGER + (low_before >= 5)::INTEGER + (low_before >= 10)::INTEGER
            + (low_before >= 20)::INTEGER + (low_before >= 50)::INTEGER + (low_before >= 100)::INTEGER
            + (low_before >= 250)::INTEGER AS class_before
    FROM states
)
SELECT establishment, as_of,
    low AS employees_low,
    class AS size_class,
    low = 1 AND no_count AS employees_censored,
    low - low_before AS employee_change_1y,
    (low + 1) / (low_before + 1) AS employee_growth_1y,
    class - class_before AS size_class_change_1y,
    CASE WHEN low IS NOT NULL AND low_before IS NOT NULL
        THEN low > 0 AND low_before = 0 END AS newly_employing,
    enterprise_low AS enterprise_employees_low,
    CASE WHEN enterprise IS NOT NULL THEN coalesce(establishments, 0) END AS enterprise_establishments,
    low / nullif(known_sum, 0) AS share_of_enterprise_employees
FROM classed
