"""Write seeds/_catalogue.yml anew after a change of the tables: `python -m meterhouse.catalogue`."""

from pathlib import Path

from meterhouse.catalogue.seeds import seeds_yaml

if __name__ == "__main__":
    Path("seeds/_catalogue.yml").write_text(seeds_yaml(), encoding="utf-8")
