-- Fails if a raised alert was changed since: later hours may say otherwise, the alert says what was known then.
select
    alert_id,
    spent,
    amount,
    threshold
from {{ ref('int_raised_alerts') }} as raised
where fingerprint <> {{ alert_fingerprint('raised') }}
