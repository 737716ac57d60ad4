{# Invoices as earlier steps left them. Not a ref(): what is void is known before the step makes its own invoices. #}
{% macro stored_invoices() -%}
    {%- set invoices = load_relation(this.incorporate(path={'schema': 'marts', 'identifier': 'invoices'}))
        if this is defined -%}
    {%- if invoices %}
    select invoice_id, customer_id, contract_id, type, issued_at from {{ invoices }}
    {%- else %}
    select
        cast(null as string) as invoice_id,
        cast(null as string) as customer_id,
        cast(null as string) as contract_id,
        cast(null as string) as type,
        {{ as_instant('null') }} as issued_at
    where false
    {%- endif %}
{%- endmacro %}

{# A stored invoice never changes but for its status: it is void from the instant of the action on. Set anew by every step, so
   that a step that is undone leaves nothing behind. #}
{% macro mark_voided_invoices() -%}
    update {{ this }}
    set status = case
        when invoice_id in (select invoice_id from {{ ref('int_voided_invoices') }}) then 'void'
        else 'finalized'
    end
    where
        invoice_id in (select invoice_id from {{ source('control', 'finalized_invoices') }})
        and (status = 'void') <> (invoice_id in (select invoice_id from {{ ref('int_voided_invoices') }}))
{%- endmacro %}
