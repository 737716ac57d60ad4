-- Each user's largest use, together.
select sum(top) as value from (select max(properties.units) as top from events group by properties.user)
