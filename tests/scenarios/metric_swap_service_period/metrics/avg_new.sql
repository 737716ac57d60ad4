-- B: the average of `new`.
select avg(properties.new) as value from events
