-- The most bytes that were stored at any moment of the period, per region.
select
    max(properties.bytes) as value,
    properties.region as region
from events
where event_type = 'storage_snapshot'
group by properties.region
