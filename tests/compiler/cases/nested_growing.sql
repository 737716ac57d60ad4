-- Requests of the busiest hour.
with hours as (
    select date_trunc('hour', timestamp) as hour, count(*) as requests
    from events
    group by hour
)
select max(requests) as value from hours
