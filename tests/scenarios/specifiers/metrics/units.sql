-- Units used.
select sum(properties.units) as value, properties.region, properties.user from events where event_type = 'chat'
group by properties.region, properties.user
