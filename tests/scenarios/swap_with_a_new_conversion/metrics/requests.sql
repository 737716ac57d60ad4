-- Requests.
select count(*) as value from events
