"""Map the shared inspection data into the open format: `python -m benchmarks.mappings DATA OUT`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.mappings.chicago_food import map_chicago_food
from benchmarks.mappings.data_set_files import write_data_set
from benchmarks.mappings.msha_mines import map_msha_mines
from benchmarks.mappings.nc_food import map_nc_food
from benchmarks.mappings.no_smilefjes import map_no_smilefjes

_SOURCES = {
    "no_smilefjes": map_no_smilefjes,
    "chicago_food": map_chicago_food,
    "nc_food": map_nc_food,
    "msha_mines": map_msha_mines,
}


def main() -> None:
    """Write every data set of the chosen sources; the data never enter the repository."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mappings", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder that holds no_smilefjes, chicago_food, ...")
    parser.add_argument("out", type=Path, help="where to write one folder a data set")
    parser.add_argument("--only", choices=sorted(_SOURCES), action="append", help="a source; all without it")
    chosen = parser.parse_args()
    for source in chosen.only or _SOURCES:
        for name, data in _SOURCES[source](chosen.data):
            print(write_data_set(chosen.out, name, data))


if __name__ == "__main__":
    main()
