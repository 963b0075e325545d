-- Accounts of one team can return the same campaign. One of them tells of it: one that still returns it before one
-- that no longer does, then the one that was loaded first, then by name.
with versions as (
    select
        *,
        row_number() over (partition by account, campaign_id order by valid_from desc) as newest
    from {{ ref('stg_snovio__campaigns') }}
),

accounts as (
    select
        account,
        campaign_id,
        min(valid_from) as first_seen_at,
        max(case when newest = 1 then valid_to end) as gone_at,
        count(*) over (partition by campaign_id) as accounts,
        row_number() over (
            partition by campaign_id
            order by
                case when max(case when newest = 1 then valid_to end) is null then 0 else 1 end,
                min(valid_from),
                account
        ) as choice
    from versions
    group by account, campaign_id
)

select
    versions.account,
    versions.campaign_id,
    accounts.accounts,
    versions.campaign,
    versions.list_id,
    versions.status,
    versions.created_at,
    versions.updated_at,
    versions.started_at,
    accounts.first_seen_at,
    accounts.gone_at,
    accounts.gone_at is not null as is_gone
from accounts
join versions
    on versions.account = accounts.account
    and versions.campaign_id = accounts.campaign_id
    and versions.newest = 1
where accounts.choice = 1
