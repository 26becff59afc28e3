{# The grain of a model: no two rows agree in all these columns. #}
{% test unique_together(model, columns) %}
select {{ columns | join(', ') }}, count(*) as rows_of_one_key
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
