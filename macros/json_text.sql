{# JSON columns hold canonical text: keys sorted, no spaces. #}

{% macro quote_text(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{# pairs: [['key', sql of a text value], ...], keys sorted. #}
{% macro json_object_text(pairs) -%}
    {{ return(adapter.dispatch('json_object_text')(pairs)) }}
{%- endmacro %}

{% macro default__json_object_text(pairs) -%}
    to_json(named_struct(
        {%- for pair in pairs %}{{ text_literal(pair[0]) }}, {{ pair[1] }}{{ ', ' if not loop.last }}{% endfor -%}
    ), map('ignoreNullFields', 'false'))
{%- endmacro %}

{% macro duckdb__json_object_text(pairs) -%}
    cast(json_object(
        {%- for pair in pairs %}{{ quote_text(pair[0]) }}, {{ pair[1] }}{{ ', ' if not loop.last }}{% endfor -%}
    ) as varchar)
{%- endmacro %}

{# The object cut to the keys of a JSON array of names; a key that the object lacks becomes null. #}
{% macro json_pick(object, keys) -%}
    {{ return(adapter.dispatch('json_pick')(object, keys)) }}
{%- endmacro %}

{% macro default__json_pick(object, keys) -%}
    element_at(transform(
        array(named_struct(
            'keys', array_sort(from_json({{ keys }}, 'array<string>')),
            'members', from_json({{ object }}, 'map<string,string>')
        )),
        x -> to_json(map_from_arrays(x.keys, transform(x.keys, key -> element_at(x.members, key))))
    ), 1)
{%- endmacro %}

{% macro duckdb__json_pick(object, keys) -%}
    '{' || coalesce(list_aggregate(list_transform(
        list_sort(cast(from_json({{ keys }}, '["VARCHAR"]') as varchar[])),
        lambda key: cast(to_json(key) as varchar) || ':' || coalesce(cast(json_extract(
            {{ object }}, '/' || replace(replace(key, '~', '~0'), '/', '~1')
        ) as varchar), 'null')
    ), 'string_agg', ','), '') || '}'
{%- endmacro %}

{# A JSON object with its keys sorted, its spaces gone and its values as text. #}
{% macro canonical_json_object(object) -%}
    {{ return(adapter.dispatch('canonical_json_object')(object)) }}
{%- endmacro %}

{% macro default__canonical_json_object(object) -%}
    to_json(map_from_entries(array_sort(map_entries(from_json({{ exact_json(object) }}, 'map<string,string>')))))
{%- endmacro %}

{% macro duckdb__canonical_json_object(object) -%}
    '{' || coalesce(list_aggregate(list_transform(
        list_sort(json_keys({{ object }})),
        lambda key: cast(to_json(key) as varchar) || ':' || coalesce(cast(to_json(json_extract_string(
            {{ exact_json(object) }}, '/' || replace(replace(key, '~', '~0'), '/', '~1')
        )) as varchar), 'null')
    ), 'string_agg', ','), '') || '}'
{%- endmacro %}

{# Does a JSON array of texts hold this text? #}
{% macro json_array_contains(array, text) -%}
    {{ return(adapter.dispatch('json_array_contains')(array, text)) }}
{%- endmacro %}

{% macro default__json_array_contains(array, text) -%}
    array_contains(from_json({{ array }}, 'array<string>'), {{ text }})
{%- endmacro %}

{% macro duckdb__json_array_contains(array, text) -%}
    list_contains(cast(from_json({{ array }}, '["VARCHAR"]') as varchar[]), {{ text }})
{%- endmacro %}

{# Properties in which every number of more than 15 digits is quoted: JSON readers pass numbers through a float,
   which keeps 15 digits. The text is cut into tokens, so digits inside strings stay as they are. #}
{% macro exact_json(properties) -%}
    {{ return(adapter.dispatch('exact_json')(properties)) }}
{%- endmacro %}

{% macro default__exact_json(properties) -%}
    case when regexp_like({{ properties }}, '[0-9][0-9.]{15}')
        then array_join(transform(
            regexp_extract_all(
                {{ properties }}, '"[^"\\\\]*+(?:\\\\.[^"\\\\]*+)*+"|-?[0-9][0-9.eE+-]*|[^"0-9-]+', 0
            ),
            token -> case
                when length(token) > 15 and regexp_like(token, '^-?[0-9]') then concat('"', token, '"') else token
            end
        ), '')
        else {{ properties }}
    end
{%- endmacro %}

{% macro duckdb__has_long_number(properties) -%}
    regexp_matches({{ properties }}, '[0-9][0-9.]{15}')
{%- endmacro %}

{% macro duckdb__exact_json(properties) -%}
    case when {{ duckdb__has_long_number(properties) }}
        then list_aggregate(list_transform(
            regexp_extract_all(
                {{ properties }}, '"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|[^"0-9-]+'
            ),
            lambda token: case
                when length(token) > 15 and regexp_matches(token, '^-?[0-9]') then '"' || token || '"' else token
            end
        ), 'string_agg', '')
        else {{ properties }}
    end
{%- endmacro %}

{# Have two JSON arrays of texts a text in common? #}
{% macro json_arrays_overlap(left, right) -%}
    {{ return(adapter.dispatch('json_arrays_overlap')(left, right)) }}
{%- endmacro %}

{% macro default__json_arrays_overlap(left, right) -%}
    arrays_overlap(from_json({{ left }}, 'array<string>'), from_json({{ right }}, 'array<string>'))
{%- endmacro %}

{% macro duckdb__json_arrays_overlap(left, right) -%}
    list_has_any(
        cast(from_json({{ left }}, '["VARCHAR"]') as varchar[]),
        cast(from_json({{ right }}, '["VARCHAR"]') as varchar[])
    )
{%- endmacro %}

{# Does a JSON object of texts hold every key and value of another one? #}
{% macro json_object_contains(object, part) -%}
    {{ return(adapter.dispatch('json_object_contains')(object, part)) }}
{%- endmacro %}

{% macro default__json_object_contains(object, part) -%}
    forall(
        map_entries(from_json({{ part }}, 'map<string,string>')),
        entry -> element_at(from_json({{ object }}, 'map<string,string>'), entry.key) = entry.value
    )
{%- endmacro %}

{% macro duckdb__json_object_contains(object, part) -%}
    json_contains({{ object }}, {{ part }})
{%- endmacro %}

{# The text at a key of a JSON object, NULL where there is none; the key is an expression. #}
{% macro json_text_at(object, key) -%}
    {{ return(adapter.dispatch('json_text_at')(object, key)) }}
{%- endmacro %}

{% macro default__json_text_at(object, key) -%}
    element_at(from_json({{ object }}, 'map<string,string>'), {{ key }})
{%- endmacro %}

{% macro duckdb__json_text_at(object, key) -%}
    json_extract_string({{ object }}, '/' || replace(replace({{ key }}, '~', '~0'), '/', '~1'))
{%- endmacro %}

{# Does a JSON array of texts hold every text of another one? #}
{% macro json_array_holds_all(array, part) -%}
    {{ return(adapter.dispatch('json_array_holds_all')(array, part)) }}
{%- endmacro %}

{% macro default__json_array_holds_all(array, part) -%}
    forall(from_json({{ part }}, 'array<string>'), wanted -> array_contains(from_json({{ array }}, 'array<string>'), wanted))
{%- endmacro %}

{% macro duckdb__json_array_holds_all(array, part) -%}
    list_has_all(
        cast(from_json({{ array }}, '["VARCHAR"]') as varchar[]),
        cast(from_json({{ part }}, '["VARCHAR"]') as varchar[])
    )
{%- endmacro %}

{# A lateral table of the elements of a JSON array: texts as they are, objects as JSON text; its column is `element`. #}
{% macro json_elements(array) -%}
    {{ return(adapter.dispatch('json_elements')(array)) }}
{%- endmacro %}

{% macro default__json_elements(array) -%}
    lateral (select explode(from_json({{ array }}, 'array<string>')) as element)
{%- endmacro %}

{% macro duckdb__json_elements(array) -%}
    lateral (select unnest(cast(from_json({{ array }}, '["VARCHAR"]') as varchar[])) as element)
{%- endmacro %}

{# The JSON text of an object or array at a key of a JSON object, NULL where there is none. #}
{% macro json_part_at(object, key) -%}
    {{ return(adapter.dispatch('json_part_at')(object, key)) }}
{%- endmacro %}

{% macro default__json_part_at(object, key) -%}
    element_at(from_json({{ object }}, 'map<string,string>'), '{{ key }}')
{%- endmacro %}

{% macro duckdb__json_part_at(object, key) -%}
    cast(json_extract({{ object }}, '$.{{ key }}') as varchar)
{%- endmacro %}

{# A JSON array of one text. #}
{% macro json_array_of(text) -%}
    {{ return(adapter.dispatch('json_array_of')(text)) }}
{%- endmacro %}

{% macro default__json_array_of(text) -%}
    to_json(array({{ text }}))
{%- endmacro %}

{% macro duckdb__json_array_of(text) -%}
    cast(json_array({{ text }}) as varchar)
{%- endmacro %}

{# One JSON object of all keys of several; where two have a key, the last of them counts. #}
{% macro json_objects_joined(objects) -%}
    {{ return(adapter.dispatch('json_objects_joined')(objects)) }}
{%- endmacro %}

{% macro default__json_objects_joined(objects) -%}
    to_json(map_from_entries(array_distinct(concat(
        {%- for object in objects | reverse %}
        filter(
            map_entries(from_json({{ object }}, 'map<string,string>')),
            entry -> true
            {%- for later in (objects | list)[objects | length - loop.index0:] %}
            and not map_contains_key(from_json({{ later }}, 'map<string,string>'), entry.key)
            {%- endfor %}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ))))
{%- endmacro %}

{% macro duckdb__json_objects_joined(objects) -%}
    cast(json_merge_patch({{ objects | join(', ') }}) as varchar)
{%- endmacro %}
