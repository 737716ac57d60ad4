-- Fails if a finalized invoice or one of its lines differs from what was stored when it was finalized, or is gone.
-- Promise: a finalized invoice never changes.
select
    registered.invoice_id,
    registered.fingerprint as stored_fingerprint,
    current_rows.fingerprint
from {{ source('control', 'finalized_invoices') }} as registered
left join {{ ref('int_invoice_fingerprints') }} as current_rows
    on registered.invoice_id = current_rows.invoice_id
where current_rows.fingerprint is null or registered.fingerprint <> current_rows.fingerprint
