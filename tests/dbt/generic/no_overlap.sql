{# Fails if two half-open ranges of one partition overlap, or a range is empty. #}
{% test no_overlap(model, partition_by, starting, ending) %}
with

ranges as (
    select
        *,
        lag({{ ending }}) over (partition by {{ partition_by | join(', ') }} order by {{ starting }}) as end_before
    from {{ model }}
)

select * from ranges
where {{ starting }} >= {{ ending }} or {{ starting }} < end_before
{% endtest %}
