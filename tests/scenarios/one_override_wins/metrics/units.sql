-- Units used, by user.
select sum(properties.units) as value, properties.user as user from events where event_type = 'use' group by properties.user
