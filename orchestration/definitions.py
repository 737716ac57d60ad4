"""What `dagster dev` loads."""

import dagster as dg

from orchestration.assets import events, marts
from orchestration.schedules import build_marts, hourly

defs = dg.Definitions(assets=[events, marts], jobs=[build_marts], schedules=[hourly])
