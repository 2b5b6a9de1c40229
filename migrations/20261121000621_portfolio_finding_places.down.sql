-- Findings lose their place again. Of several that become the same one, the first word stays.
alter table portfolio.accepted_findings no force row level security;

with former as (
    select user_id, id, finding, accepted_at,
           regexp_replace(
               case when finding ~ '^(negative_cash|missing_rate)~'
                    then regexp_replace(finding, '~cash:[A-Z0-9]+~', '~~')
                    else replace(finding, '~cash:', '~') end,
               '~~[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', '~') as former
    from portfolio.accepted_findings
    where finding ~ '^(negative_cash|missing_rate|unreconciled_cash)~cash:'
       or finding ~ '^unreconciled_position~.*~~[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
), ranked as (
    select f.user_id, f.id, f.former,
           row_number() over (partition by f.user_id, f.former order by f.accepted_at, f.id) = 1
           and not exists (select from portfolio.accepted_findings other
                           where other.user_id = f.user_id and other.finding = f.former) as stays
    from former f
), gone as (
    delete from portfolio.accepted_findings a
    using ranked r
    where a.user_id = r.user_id and a.id = r.id and not r.stays
)
update portfolio.accepted_findings a
set finding = r.former
from ranked r
where a.user_id = r.user_id and a.id = r.id and r.stays;

alter table portfolio.accepted_findings force row level security;
