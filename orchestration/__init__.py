"""Dagster: when runs happen. What a run does is meterhouse.runner's."""
