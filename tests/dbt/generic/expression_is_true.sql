{# Fails if a row does not satisfy the expression; NULL does not satisfy. #}
{% test expression_is_true(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
