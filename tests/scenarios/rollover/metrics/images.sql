-- Images used.
select sum(properties.units) as value from events where event_type = 'image'
