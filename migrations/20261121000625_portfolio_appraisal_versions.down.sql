create or replace function portfolio.check_private_instruments() returns trigger language plpgsql as $$
begin
    if exists (
        select from (
            select user_id, instrument_id from changed
            union select user_id, target_instrument_id from changed
        ) named
        join market.instruments i on i.id = named.instrument_id and i.is_private
        where not exists (
            select from portfolio.private_assets a
            where a.user_id = named.user_id and a.instrument_id = i.id
        )
    ) then
        raise exception 'the instrument belongs to another person' using
            errcode = 'foreign_key_violation', constraint = 'transactions_private_instrument_check';
    end if;
    return null;
end
$$;
drop trigger appraisals_keep_deleted on portfolio.appraisals;
drop trigger appraisals_keep_replaced on portfolio.appraisals;
drop trigger appraisals_appraise_again on portfolio.appraisals;
drop function portfolio.keep_deleted_appraisals();
drop function portfolio.keep_replaced_appraisals();
drop function portfolio.appraise_again();
drop table portfolio.appraisal_versions;
alter table portfolio.appraisals drop column observed_at;
-- What is deleted cannot be told from what is not any more. The owner of the tables is bound by their
-- policies too.
alter table portfolio.private_assets no force row level security;
alter table portfolio.transaction_versions no force row level security;
delete from portfolio.transaction_versions v
using portfolio.private_assets a
where a.deleted_at is not null and a.user_id = v.user_id
  and a.instrument_id in (v.instrument_id, v.target_instrument_id);
delete from portfolio.private_assets where deleted_at is not null;
delete from market.instruments i
where i.is_private
  and not exists (select from portfolio.private_assets a where a.instrument_id = i.id);
alter table portfolio.transaction_versions force row level security;
alter table portfolio.private_assets force row level security;
drop index portfolio.private_assets_name_key;
create unique index private_assets_name_key on portfolio.private_assets (user_id, lower(name));
alter table portfolio.private_assets drop column deleted_at;
