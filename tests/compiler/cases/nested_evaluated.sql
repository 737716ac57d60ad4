-- The largest balance of an account, and how many different balances there are, per region.
select max(balance) + count(distinct balance) as value, region
from (
    select sum(properties.amount) as balance, properties.account, properties.region
    from events
    group by account, region
    having count(*) > 1
) as accounts
where balance > 0
group by region
