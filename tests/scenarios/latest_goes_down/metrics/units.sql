-- Seats in use.
select latest(properties.units) as value from events
