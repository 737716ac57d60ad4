-- The largest balance of an account that was booked on at least twice.
select max(balance) as value
from (
    select sum(properties.amount) as balance, properties.account
    from events
    group by account
    having count(*) > 1
)
