-- Tokens per model, region and user.
select sum(properties.tokens) as value, properties.model, properties.region, properties.user_id
from events
where event_type = 'use'
group by model, region, user_id
