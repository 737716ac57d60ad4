-- Average load per user.
select avg(properties.units) as value, properties.user_id from events group by properties.user_id
