-- Average seats, at least the last number reported, in regions that reported twice.
select
    greatest(avg(properties.seats), latest(properties.seats)) as value,
    properties.region as region
from events
where event_type in ('seats_changed', 'seats_counted')
group by region
having count(*) >= 2
