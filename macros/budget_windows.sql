{# Calendar windows of budgets: days, weeks from Monday on, months; each from local midnight to local midnight. #}

{# The local midnight that begins the window of an instant. #}
{% macro window_start(window_type, instant, timezone) -%}
    {{ local_midnight(first_day_of_window(window_type, local_date(instant, timezone)), timezone) }}
{%- endmacro %}

{# The local midnight that ends the window which begins at an instant. #}
{% macro window_end(window_type, window_start_at, timezone) -%}
    {%- set begins_on = local_date(window_start_at, timezone) -%}
    case {{ window_type }}
        when 'daily' then {{ local_midnight(begins_on ~ " + interval '1 day'", timezone) }}
        when 'weekly' then {{ local_midnight(begins_on ~ " + interval '7 days'", timezone) }}
        else {{ local_midnight(begins_on ~ " + interval '1 month'", timezone) }}
    end
{%- endmacro %}

{% macro first_day_of_window(window_type, date) -%}
    case {{ window_type }}
        when 'daily' then {{ date }}
        when 'weekly' then cast(date_trunc('week', {{ date }}) as date)
        else cast(date_trunc('month', {{ date }}) as date)
    end
{%- endmacro %}
