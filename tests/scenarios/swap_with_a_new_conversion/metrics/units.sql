-- Units.
select sum(properties.units) as value from events
