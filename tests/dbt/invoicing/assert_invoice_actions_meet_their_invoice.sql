-- Fails if an action names an invoice that was not final before it, or an invoice is void, or was made anew, without its action.
-- A void that meets nothing leaves a customer with a bill that somebody promised to take back.
with

actions as (
    select
        actions.*,
        row_number() over (
            partition by actions.contract_id, actions.invoice_type, actions.period_start_at, actions.action
            order by actions.acted_at
        ) as number
    from {{ ref('stg_invoice_actions') }} as actions
    cross join {{ source('control', 'run') }} as run
    where actions.acted_at < run.as_of and run.finalizes
),

voided as (
    select * from {{ ref('int_voided_invoices') }}
),

invoices as (
    select * from {{ ref('invoices') }}
)

select
    actions.action_id,
    actions.contract_id,
    actions.period_start_at,
    invoices.invoice_id,
    invoices.finalized_at
from actions
left join voided
    on
        actions.contract_id = voided.contract_id
        and actions.invoice_type = voided.invoice_type
        and actions.period_start_at = voided.period_start_at
        and actions.number = voided.void_number
left join invoices on voided.invoice_id = invoices.invoice_id
where
    invoices.invoice_id is null
    or invoices.finalized_at >= actions.acted_at
union all
select
    cast(null as varchar) as action_id,
    invoices.contract_id,
    invoices.period_start_at,
    invoices.invoice_id,
    invoices.finalized_at
from invoices
where
    (invoices.status = 'void' and invoices.invoice_id not in (select invoice_id from voided))
    or (
        invoices.regenerated_from is not null
        and invoices.regenerated_from not in (select invoice_id from voided where regenerated_as = invoices.invoice_id)
    )
