-- Peak.
select max(properties.units) as value from events
