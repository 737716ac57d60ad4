-- Units used, by region.
select sum(properties.units) as value, properties.region as region from events where event_type = 'use' group by properties.region
