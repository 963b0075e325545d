-- Who is in which list now. The API's ids of prospects are not known to be stable: a person is the first address in
-- alphabetical order, and the id only where there is no address.
with addresses as (
    select
        account,
        list_id,
        prospect_id,
        occurrence,
        min(nullif(email, '')) as email,
        count(*) as emails,
        coalesce(bool_or(is_verified), false) as has_verified_email
    from {{ ref('stg_snovio__list_prospect_emails') }}
    group by account, list_id, prospect_id, occurrence
),

members as (
    select
        prospects.account,
        prospects.list_id,
        coalesce(addresses.email, 'id:' || prospects.prospect_id) as contact,
        addresses.email,
        prospects.prospect_id,
        prospects.name,
        prospects.first_name,
        prospects.last_name,
        coalesce(addresses.emails, 0) as emails,
        coalesce(addresses.has_verified_email, false) as has_verified_email,
        row_number() over (
            partition by prospects.list_id, coalesce(addresses.email, 'id:' || prospects.prospect_id)
            order by prospects.prospect_id, prospects.occurrence
        ) as choice
    from {{ ref('stg_snovio__list_prospects') }} as prospects
    join {{ ref('int_snovio__lists') }} as lists
        on lists.account = prospects.account
        and lists.list_id = prospects.list_id
    left join addresses
        on addresses.account = prospects.account
        and addresses.list_id = prospects.list_id
        and addresses.prospect_id = prospects.prospect_id
        and addresses.occurrence = prospects.occurrence
)

select
    {{ key_of(['list_id', 'contact']) }} as membership_key,
    account,
    list_id,
    contact,
    email,
    prospect_id,
    name,
    first_name,
    last_name,
    emails,
    has_verified_email
from members
where choice = 1
