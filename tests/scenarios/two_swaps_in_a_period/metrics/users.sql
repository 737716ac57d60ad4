-- Different users.
select count(distinct properties.user) as value from events
