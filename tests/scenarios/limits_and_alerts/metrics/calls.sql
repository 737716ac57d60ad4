-- Calls per model.
select sum(properties.units) as value, properties.model as model from events where event_type = 'call' group by model
