{#- Compiled from metrics/. To change it, edit that and run `meterhouse compile`. The properties that metrics read, once per kind. -#}
{% macro metric_properties() %}
{{ return([
    {'name': 'bytes', 'column': 'number_bytes', 'kind': 'number', 'uncastable': 'uncastable_bytes'},
    {'name': 'cached_input_tokens', 'column': 'number_cached_input_tokens', 'kind': 'number', 'uncastable': 'uncastable_cached_input_tokens'},
    {'name': 'input_tokens', 'column': 'number_input_tokens', 'kind': 'number', 'uncastable': 'uncastable_input_tokens'},
    {'name': 'model', 'column': 'text_model', 'kind': 'text', 'uncastable': none},
    {'name': 'output_tokens', 'column': 'number_output_tokens', 'kind': 'number', 'uncastable': 'uncastable_output_tokens'},
    {'name': 'region', 'column': 'text_region', 'kind': 'text', 'uncastable': none},
    {'name': 'size', 'column': 'text_size', 'kind': 'text', 'uncastable': none},
    {'name': 'status', 'column': 'text_status', 'kind': 'text', 'uncastable': none},
    {'name': 'tokens', 'column': 'number_tokens', 'kind': 'number', 'uncastable': 'uncastable_tokens'},
    {'name': 'tokens', 'column': 'text_tokens', 'kind': 'text', 'uncastable': none},
    {'name': 'user_id', 'column': 'text_user_id', 'kind': 'text', 'uncastable': none},
]) }}
{% endmacro %}
