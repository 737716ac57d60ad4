-- A: the average of `old`.
select avg(properties.old) as value from events
