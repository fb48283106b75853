"""Charts drawn here as SVG: no script, no style of their own, readable undressed, each with its table."""

from api.pages.charts.bars import Bar, bars
from api.pages.charts.chart import Chart
from api.pages.charts.diverging import Push, diverging
from api.pages.charts.intervals import Estimate, estimates, whisker
from api.pages.charts.tile_map import tile_map

__all__ = ["Bar", "Chart", "Estimate", "Push", "bars", "diverging", "estimates", "tile_map", "whisker"]
