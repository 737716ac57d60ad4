-- Units per project.
select sum(properties.units) as value, properties.project from events group by properties.project
