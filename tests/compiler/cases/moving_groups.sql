-- Requests of a user, billed under the user's latest plan.
select count(*) as value, latest(properties.plan) as plan
from events
group by properties.user_id
