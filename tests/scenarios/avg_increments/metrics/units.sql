-- Average load.
select avg(properties.units) as value from events
