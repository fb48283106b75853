-- One row per (as_of, industry_sn2025): the SN2007 code that most establishments carried before that SN2025 code,
-- counting only establishments known, with both codes, before as_of. Ties go to the lower code.
SELECT as_of, industry_sn2025, industry_sn2007
FROM (
    SELECT a.as_of, p.industry_sn2025, p.industry_sn2007, count(*) AS carriers
    FROM as_ofs a
    JOIN store.periods_establishments p ON p.valid_from < a.as_of AND a.as_of <= p.valid_to
    WHERE p.industry_sn2025 IS NOT NULL AND p.industry_sn2007 IS NOT NULL
    GROUP BY ALL
)
QUALIFY row_number() OVER (PARTITION BY as_of, industry_sn2025 ORDER BY carriers DESC, industry_sn2007) = 1
