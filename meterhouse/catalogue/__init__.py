"""
The catalogue: customers, products, prices, contracts and commits, as CSV files that a person writes.

folder of CSVs -> sheets (cells, types) -> book (defaults) -> checks -> Catalogue -> seeds
"""

from meterhouse.catalogue.currencies import CURRENCIES
from meterhouse.catalogue.errors import CatalogueError, Fault
from meterhouse.catalogue.reader import Catalogue, read_catalogue
from meterhouse.catalogue.seeds import seeds_yaml, write_seeds

__all__ = [
    "CURRENCIES",
    "Catalogue",
    "CatalogueError",
    "Fault",
    "read_catalogue",
    "seeds_yaml",
    "write_seeds",
]
