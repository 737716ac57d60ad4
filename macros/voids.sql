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
