-- Images generated, one event an image, per size and region.
select
    count(*) as value,
    properties.size as size,
    properties.region as region
from events
where event_type = 'image_generated'
group by properties.size, properties.region
