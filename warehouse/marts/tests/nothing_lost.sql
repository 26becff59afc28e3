-- Every task with its units and deadlines, every metric of a current document is in its mart exactly once: joins neither lose nor multiply rows.
with counted as (
    select 'plan_commitment' as mart, (select count(*) from {{ ref('plan_commitment') }}) as rows_in_mart,
        (select count(*) from {{ source('silver', 'plan_task') }} as f
         join {{ ref('document') }} as d
             on d.document_id = f.document_id and d.extractor_version = f.extractor_version and d.run_id = f.run_id) as rows_in_silver
    union all
    select 'plan_unit', (select count(*) from {{ ref('plan_unit') }}),
        (select count(*) from {{ source('silver', 'task_unit') }} as f
         join {{ ref('document') }} as d
             on d.document_id = f.document_id and d.extractor_version = f.extractor_version and d.run_id = f.run_id)
    union all
    select 'plan_deadline', (select count(*) from {{ ref('plan_deadline') }}),
        (select count(*) from {{ source('silver', 'task_deadline') }} as f
         join {{ ref('document') }} as d
             on d.document_id = f.document_id and d.extractor_version = f.extractor_version and d.run_id = f.run_id)
    union all
    select 'report_metric', (select count(*) from {{ ref('report_metric') }}),
        (select count(*) from {{ source('silver', 'metric_value') }} as f
         join {{ ref('document') }} as d
             on d.document_id = f.document_id and d.extractor_version = f.extractor_version and d.run_id = f.run_id)
    union all
    select 'document_text', (select count(*) from {{ ref('document_text') }}), (select count(*) from {{ ref('document') }})
    union all
    select 'notice', (select count(*) from {{ ref('notice') }}), (select count(distinct notice_id) from {{ source('silver', 'notice') }})
)
select * from counted where rows_in_mart <> rows_in_silver
