"""A synthetic country in the registers' own file formats, with a hidden truth kept apart.

Limitations, on purpose: municipality numbers of 2024 in all years; each unit changes name, place, owner and industry
at most once; an enterprise without an establishment does not exist; only establishments with employees are inspected;
`sisteInnsendteAarsregnskap` is fresh only when something else changed; unobserved quality does not decide who survives;
one SN2025 code succeeds each SN2007 code; accounts of idle companies are at hand for a fifth of them.
"""

from targeting.sources.synthetic.country import Country, build_country
from targeting.sources.synthetic.files import write_files
from targeting.sources.synthetic.progress import Track, quietly
from targeting.sources.synthetic.truth_file import TRUTH_SCHEMA, check_apart, write_truth

__all__ = ["TRUTH_SCHEMA", "Country", "Track", "build_country", "check_apart", "quietly", "write_files", "write_truth"]
