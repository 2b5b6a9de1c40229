-- What has no ticker: property, private holdings and debts, with the values that their owner states.
create table portfolio.private_assets (
    user_id uuid not null references identity.users on delete cascade,
    -- A handle in the shared table, without a word in it.
    instrument_id uuid not null references market.instruments on delete restrict,
    name text not null constraint private_assets_name_check check (length(btrim(name)) between 1 and 100),
    kind text not null constraint private_assets_kind_check
        check (kind in ('property', 'private_holding', 'other', 'liability')),
    note text,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (user_id, instrument_id)
);
create unique index private_assets_name_key on portfolio.private_assets (user_id, lower(name));
-- A handle belongs to one person.
create unique index private_assets_instrument_key on portfolio.private_assets (instrument_id);
create trigger private_assets_touch before update on portfolio.private_assets
    for each row execute function platform.touch_updated_at();
alter table portfolio.private_assets enable row level security;
alter table portfolio.private_assets force row level security;
create policy private_assets_owner on portfolio.private_assets to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy private_assets_system on portfolio.private_assets to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on portfolio.private_assets to bursar_user, bursar_system;

create table portfolio.appraisals (
    user_id uuid not null references identity.users on delete cascade,
    instrument_id uuid not null,
    date date not null,
    -- Of the whole; for a debt what is owed.
    price numeric(20, 8) not null constraint appraisals_price_check check (price >= 0),
    primary key (user_id, instrument_id, date),
    foreign key (user_id, instrument_id) references portfolio.private_assets on delete cascade
);
alter table portfolio.appraisals enable row level security;
alter table portfolio.appraisals force row level security;
create policy appraisals_owner on portfolio.appraisals to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy appraisals_system on portfolio.appraisals to bursar_system using (true) with check (true);
grant select, insert, update, delete on portfolio.appraisals to bursar_user, bursar_system;

-- A new value or another name changes the figures of the portfolios that hold the asset.
create function portfolio.bump_revision_of_holders() returns trigger language plpgsql as $$
begin
    update portfolio.portfolios p
    set revision = revision + 1
    from (select distinct t.user_id, t.portfolio_id
          from changed c
          join portfolio.transactions t
            on t.user_id = c.user_id and t.instrument_id = c.instrument_id) held
    where p.user_id = held.user_id and p.id = held.portfolio_id;
    return null;
end
$$;
create trigger private_assets_updated after update on portfolio.private_assets
    referencing new table as changed
    for each statement execute function portfolio.bump_revision_of_holders();
create trigger appraisals_inserted after insert on portfolio.appraisals
    referencing new table as changed
    for each statement execute function portfolio.bump_revision_of_holders();
create trigger appraisals_updated after update on portfolio.appraisals
    referencing new table as changed
    for each statement execute function portfolio.bump_revision_of_holders();
create trigger appraisals_deleted after delete on portfolio.appraisals
    referencing old table as changed
    for each statement execute function portfolio.bump_revision_of_holders();

-- Nobody books what is another person's, whatever the code does.
create function portfolio.check_private_instruments() returns trigger language plpgsql as $$
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
create trigger transactions_inserted_private after insert on portfolio.transactions
    referencing new table as changed
    for each statement execute function portfolio.check_private_instruments();
create trigger transactions_updated_private after update on portfolio.transactions
    referencing new table as changed
    for each statement execute function portfolio.check_private_instruments();

-- With something that has no ticker, its history goes as well.
grant delete on portfolio.transaction_versions to bursar_system;
