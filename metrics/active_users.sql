-- The number of different people who sent at least one answered chat request.
select count(distinct properties.user_id) as value
from events
where event_type = 'chat_completion' and properties.status = 'ok'
