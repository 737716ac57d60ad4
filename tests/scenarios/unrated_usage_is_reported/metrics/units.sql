-- Units per model.
select sum(properties.units) as value, properties.model from events where event_type = 'use' group by properties.model
