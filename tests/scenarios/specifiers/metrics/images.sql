-- Images made.
select count(*) as value from events where event_type = 'image'
