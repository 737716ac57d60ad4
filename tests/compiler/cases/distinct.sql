-- Active users, and half a unit for each session, per UTC day.
select
    count(distinct properties.user_id) + 0.5 * count(distinct properties.session_id) as value,
    date_trunc('day', timestamp) as day
from events
group by day
