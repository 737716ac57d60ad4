-- Input tokens of answered chat requests that were read from the prompt cache, per model and region.
select
    sum(properties.cached_input_tokens) as value,
    properties.model as model,
    properties.region as region
from events
where event_type = 'chat_completion' and properties.status = 'ok'
group by properties.model, properties.region
