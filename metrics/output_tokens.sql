-- Output tokens of answered chat requests, per model and region.
select
    sum(properties.output_tokens) as value,
    properties.model as model,
    properties.region as region
from events
where event_type = 'chat_completion' and properties.status = 'ok'
group by properties.model, properties.region
