-- One row per person of a list and time in it. Times are those of the builds of the marts that first found the person
-- there, and no longer: the API tells neither.
with seen as (
    select
        list_id,
        contact,
        email,
        name,
        dbt_valid_from at time zone 'UTC' as first_seen_at,
        dbt_valid_to at time zone 'UTC' as gone_at,
        min(dbt_valid_from) over (partition by list_id) = dbt_valid_from as is_from_the_beginning
    from {{ ref('snovio__list_memberships_seen') }}
)

select
    {{ key_of(['seen.list_id', 'seen.contact', 'seen.first_seen_at']) }} as membership_key,
    lists.account,
    seen.list_id,
    lists.list,
    seen.contact,
    seen.email,
    seen.name,
    seen.first_seen_at,
    seen.gone_at,
    seen.gone_at is null as is_member,
    seen.is_from_the_beginning
from seen
left join {{ ref('int_snovio__lists') }} as lists on lists.list_id = seen.list_id
