-- One row per campaign and stage, first to last. Who did a later thing is counted with the earlier ones too in
-- `people_or_later`, as a reply can come without an open that was seen.
{% set stages = [
    ('emailed', 'was_sent'),
    ('delivered', 'was_sent and not was_bounced'),
    ('opened', 'was_opened'),
    ('clicked', 'was_clicked'),
    ('replied', 'was_replied'),
] %}
with reached as (
    select
        account,
        campaign_id
        {%- for stage, condition in stages %},
        count(*) filter (where {{ condition }}) as {{ stage }},
        count(*) filter (where {% for _, later in stages[loop.index0:] %}({{ later }}){{ ' or ' if not loop.last }}{% endfor %}) as {{ stage }}_or_later
        {%- endfor %}
    from {{ ref('snovio__campaign_recipients') }}
    group by account, campaign_id
),

stages as (
    {% for stage, _ in stages %}
    select
        account,
        campaign_id,
        {{ loop.index }} as stage_number,
        '{{ stage }}' as stage,
        {{ stage }} as people,
        {{ stage }}_or_later as people_or_later,
        emailed as people_emailed,
        {{ (stages[loop.index0 - 1][0] ~ '_or_later') if not loop.first else 'cast(null as bigint)' }} as people_before
    from reached
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    stages.account,
    stages.campaign_id,
    campaigns.campaign,
    stages.stage_number,
    stages.stage,
    stages.people,
    stages.people_or_later,
    stages.people_emailed,
    stages.people_before,
    {{ share('stages.people', 'stages.people_emailed') }} as share_of_emailed,
    {{ share('stages.people_or_later', 'stages.people_before') }} as share_of_stage_before
from stages
left join {{ ref('int_snovio__campaigns') }} as campaigns on campaigns.campaign_id = stages.campaign_id
