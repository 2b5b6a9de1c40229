-- What something private was said to be worth before, and what has been deleted: a value of the past
-- must not change without a trace because a house was appraised again or sold.
alter table portfolio.private_assets add column deleted_at timestamptz;
-- The name of something deleted is free again.
drop index portfolio.private_assets_name_key;
create unique index private_assets_name_key on portfolio.private_assets (user_id, lower(name))
    where deleted_at is null;

-- What is there already counts as known since ever.
alter table portfolio.appraisals add column observed_at timestamptz not null default '-infinity';
alter table portfolio.appraisals alter column observed_at set default statement_timestamp();

create table portfolio.appraisal_versions (
    user_id uuid not null,
    id uuid not null default gen_random_uuid(),
    instrument_id uuid not null,
    date date not null,
    price numeric(20, 8) not null,
    known_from timestamptz not null,
    changed_at timestamptz not null,
    operation text not null
        constraint appraisal_versions_operation_check check (operation in ('update', 'delete')),
    -- Who did it; nobody where the system did.
    changed_by uuid,
    primary key (user_id, id),
    constraint appraisal_versions_asset_fkey
        foreign key (user_id, instrument_id) references portfolio.private_assets on delete cascade,
    constraint appraisal_versions_known_check check (changed_at >= known_from)
);
create index appraisal_versions_asset_idx
    on portfolio.appraisal_versions (user_id, instrument_id, date);
alter table portfolio.appraisal_versions enable row level security;
alter table portfolio.appraisal_versions force row level security;
create policy appraisal_versions_owner on portfolio.appraisal_versions to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy appraisal_versions_system on portfolio.appraisal_versions to bursar_system
    using (true) with check (true);
-- Written by the triggers and never changed; it goes with what it is about.
grant select, insert on portfolio.appraisal_versions to bursar_user, bursar_system;

create function portfolio.appraise_again() returns trigger language plpgsql as $$
begin
    new.observed_at := greatest(clock_timestamp(), old.observed_at);
    return new;
end
$$;
create trigger appraisals_appraise_again before update on portfolio.appraisals
    for each row when (new.price is distinct from old.price)
    execute function portfolio.appraise_again();

create function portfolio.keep_replaced_appraisals() returns trigger language plpgsql as $$
begin
    insert into portfolio.appraisal_versions
        (user_id, instrument_id, date, price, known_from, changed_at, operation, changed_by)
    select f.user_id, f.instrument_id, f.date, f.price, f.observed_at, c.observed_at, 'update',
           platform.current_user_id()
    from former f
    join current c using (user_id, instrument_id, date)
    where c.price is distinct from f.price;
    return null;
end
$$;
create trigger appraisals_keep_replaced after update on portfolio.appraisals
    referencing old table as former new table as current
    for each statement execute function portfolio.keep_replaced_appraisals();

create function portfolio.keep_deleted_appraisals() returns trigger language plpgsql as $$
begin
    insert into portfolio.appraisal_versions
        (user_id, instrument_id, date, price, known_from, changed_at, operation, changed_by)
    select f.user_id, f.instrument_id, f.date, f.price, f.observed_at,
           greatest(clock_timestamp(), f.observed_at), 'delete', platform.current_user_id()
    from former f
    -- With something that is forgotten, its values are.
    where exists (select from portfolio.private_assets a
                  where a.user_id = f.user_id and a.instrument_id = f.instrument_id);
    return null;
end
$$;
create trigger appraisals_keep_deleted after delete on portfolio.appraisals
    referencing old table as former
    for each statement execute function portfolio.keep_deleted_appraisals();

-- Nobody books what is deleted either.
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
            where a.user_id = named.user_id and a.instrument_id = i.id and a.deleted_at is null
        )
    ) then
        raise exception 'the instrument belongs to another person, or is deleted' using
            errcode = 'foreign_key_violation', constraint = 'transactions_private_instrument_check';
    end if;
    return null;
end
$$;
