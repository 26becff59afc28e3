{# Figures of the yearly website table (政府网站工作年度报表) of a portal's own site, one row a printed figure. Portals list the tables of other bodies'
   sites too: the table is its own where the site code (标识码) or the home address (首页网址) that the table prints is the registry's. #}
{% macro own_website_figures() -%}
(
    select m.*
    from {{ ref('report_metric') }} as m
    join {{ source('silver', 'portal') }} as p on p.portal_id = m.portal_id
    where m.era = 'W' and m.report_year is not null
        and (
            {{ json_field('m.dimensions', 'site_code') }} = p.site_id_code
            or replace(lower(p.base_url), '//www.', '//') || '/' like '%//' || {{ json_field('m.dimensions', 'site') }} || '/%'
        )
)
{%- endmacro %}
