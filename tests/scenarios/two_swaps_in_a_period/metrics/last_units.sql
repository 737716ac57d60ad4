-- The last level.
select latest(properties.units) as value from events
