-- Average over days of the highest storage of the day, per user and region.
SELECT SUM(max_daily_storage) / SUM(num_days) AS value, user_id, region
FROM ( SELECT date_trunc('day', timestamp) AS date, properties.user_id AS user_id, properties.region AS region,
              MAX(properties.storage_used) AS max_daily_storage, 1 AS num_days
       FROM events WHERE event_type = 'storage_heartbeat'
       GROUP BY date, user_id, region )
GROUP BY user_id, region
