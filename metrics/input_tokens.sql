-- Input tokens of answered chat requests, without those read from the prompt cache, per model and region.
select
    sum(properties.input_tokens - coalesce(properties.cached_input_tokens, 0)) as value,
    properties.model as model,
    properties.region as region
from events
where event_type = 'chat_completion' and properties.status = 'ok'
group by properties.model, properties.region
