-- Gigabytes stored.
select sum(properties.gigabytes) as value from events where event_type = 'use'
