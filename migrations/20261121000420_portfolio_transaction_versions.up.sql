-- What a transaction was before each edit and deletion. Triggers keep it, so no code can forget to.
create table portfolio.transaction_versions (
    user_id uuid not null,
    transaction_id uuid not null,
    -- The version that ended.
    version integer not null,
    portfolio_id uuid not null,
    -- What ended it.
    operation text not null
        constraint transaction_versions_operation_check check (operation in ('update', 'delete')),
    -- Beside the row itself, so that what is restored still has its instruments.
    instrument_id uuid references market.instruments on delete restrict,
    target_instrument_id uuid references market.instruments on delete restrict,
    -- The whole row: a column that is added later is kept without another word.
    former jsonb not null,
    known_from timestamptz not null,
    changed_at timestamptz not null,
    -- Who did it; nobody where the system did.
    changed_by uuid,
    cause text not null constraint transaction_versions_cause_check check (
        cause in ('by_hand', 'import', 'import_undo', 'transfer', 'corporate_action', 'sample', 'system')
    ),
    primary key (user_id, transaction_id, version),
    constraint transaction_versions_portfolio_fkey
        foreign key (user_id, portfolio_id) references portfolio.portfolios on delete cascade,
    constraint transaction_versions_known_check check (changed_at >= known_from)
);
create index transaction_versions_portfolio_idx
    on portfolio.transaction_versions (user_id, portfolio_id, changed_at);
create index transaction_versions_deleted_idx
    on portfolio.transaction_versions (user_id, changed_at desc, transaction_id desc)
    where operation = 'delete';
create index transaction_versions_instrument_idx
    on portfolio.transaction_versions (instrument_id) where instrument_id is not null;
create index transaction_versions_target_idx
    on portfolio.transaction_versions (target_instrument_id) where target_instrument_id is not null;
alter table portfolio.transaction_versions enable row level security;
alter table portfolio.transaction_versions force row level security;
create policy transaction_versions_owner on portfolio.transaction_versions to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy transaction_versions_system on portfolio.transaction_versions to bursar_system
    using (true) with check (true);
-- History is written by the triggers and never changed; it goes with its portfolio.
grant select, insert on portfolio.transaction_versions to bursar_user, bursar_system;

-- Every change is a version of its own, whoever makes it. An edit that began earlier and ends later
-- than another one must not be known before it.
create function portfolio.next_version() returns trigger language plpgsql as $$
begin
    new.version := old.version + 1;
    new.updated_at := greatest(new.updated_at, old.updated_at);
    return new;
end
$$;
-- By its name it comes after transactions_touch.
create trigger transactions_version before update on portfolio.transactions
    for each row execute function portfolio.next_version();

create function portfolio.keep_former() returns trigger language plpgsql as $$
begin
    insert into portfolio.transaction_versions
        (user_id, transaction_id, version, portfolio_id, operation, instrument_id,
         target_instrument_id, former, known_from, changed_at, changed_by, cause)
    select f.user_id, f.id, f.version, f.portfolio_id, lower(tg_op), f.instrument_id,
           f.target_instrument_id, to_jsonb(f),
           case when exists (select from portfolio.transaction_versions v
                             where v.user_id = f.user_id and v.transaction_id = f.id)
                then f.updated_at else f.created_at end,
           greatest(now(), f.updated_at),
           platform.current_user_id(),
           coalesce(nullif(current_setting('app.change_cause', true), ''),
                    case when platform.current_user_id() is null then 'system' else 'by_hand' end)
    from former f
    -- With a portfolio that goes, its history goes.
    where exists (select from portfolio.portfolios p
                  where p.user_id = f.user_id and p.id = f.portfolio_id);
    return null;
end
$$;
create trigger transactions_keep_updated after update on portfolio.transactions
    referencing old table as former
    for each statement execute function portfolio.keep_former();
create trigger transactions_keep_deleted after delete on portfolio.transactions
    referencing old table as former
    for each statement execute function portfolio.keep_former();
