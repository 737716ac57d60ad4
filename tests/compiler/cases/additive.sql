-- Input tokens that were not read from the cache, per model and region.
select
    sum(properties.input_tokens - coalesce(properties.cached_input_tokens, 0)) as value,
    properties.model,
    properties.region
from events
where event_type = 'chat_completion' and properties.status != 'failed'
group by model, region
