-- Portfolios and the transactions that are their truth, with the imports that brought them.
create schema portfolio;
grant usage on schema portfolio to bursar_user, bursar_system;

create table portfolio.portfolios (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null default gen_random_uuid(),
    name text not null constraint portfolios_name_check check (length(btrim(name)) between 1 and 100),
    currency text not null
        constraint portfolios_currency_check check (currency ~ '^[A-Z][A-Z0-9]{2,7}$'),
    cost_basis text not null default 'fifo'
        constraint portfolios_cost_basis_check check (cost_basis in ('fifo', 'average')),
    -- Without cash tracking every purchase counts as a contribution.
    tracks_cash boolean not null default true,
    is_simulated boolean not null default false,
    -- Grows with every change of the portfolio or its transactions.
    revision bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (user_id, id)
);
create unique index portfolios_name_key on portfolio.portfolios (user_id, lower(name));
create trigger portfolios_touch before update on portfolio.portfolios
    for each row execute function platform.touch_updated_at();
alter table portfolio.portfolios enable row level security;
alter table portfolio.portfolios force row level security;
create policy portfolios_owner on portfolio.portfolios to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy portfolios_system on portfolio.portfolios to bursar_system using (true) with check (true);
grant select, insert, update, delete on portfolio.portfolios to bursar_user, bursar_system;

create table portfolio.mappings (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null default gen_random_uuid(),
    name text not null constraint mappings_name_check check (length(btrim(name)) between 1 and 100),
    mapping jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (user_id, id)
);
create unique index mappings_name_key on portfolio.mappings (user_id, lower(name));
create trigger mappings_touch before update on portfolio.mappings
    for each row execute function platform.touch_updated_at();
alter table portfolio.mappings enable row level security;
alter table portfolio.mappings force row level security;
create policy mappings_owner on portfolio.mappings to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy mappings_system on portfolio.mappings to bursar_system using (true) with check (true);
grant select, insert, update, delete on portfolio.mappings to bursar_user, bursar_system;

create table portfolio.imports (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null default gen_random_uuid(),
    portfolio_id uuid not null,
    file_name text not null,
    -- Unknown while a CSV waits for its column mapping.
    format text,
    mapping jsonb,
    status text not null default 'preview'
        constraint imports_status_check check (status in ('preview', 'imported', 'undone')),
    -- The file itself; kept only while it waits for its owner's decision.
    content bytea,
    rejected jsonb not null default '[]',
    imported_count integer not null default 0,
    duplicate_count integer not null default 0,
    created_at timestamptz not null default now(),
    imported_at timestamptz,
    undone_at timestamptz,
    primary key (user_id, id),
    foreign key (user_id, portfolio_id) references portfolio.portfolios on delete cascade
);
create index imports_portfolio_idx on portfolio.imports (user_id, portfolio_id);
alter table portfolio.imports enable row level security;
alter table portfolio.imports force row level security;
create policy imports_owner on portfolio.imports to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy imports_system on portfolio.imports to bursar_system using (true) with check (true);
grant select, insert, update, delete on portfolio.imports to bursar_user, bursar_system;

create table portfolio.transactions (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null default gen_random_uuid(),
    portfolio_id uuid not null,
    type text not null constraint transactions_type_check check (
        type in ('buy', 'sell', 'dividend', 'interest', 'deposit', 'withdrawal', 'fee', 'tax', 'split')
    ),
    date date not null,
    executed_at timestamptz,
    instrument_id uuid references market.instruments on delete restrict,
    quantity numeric(20, 8),
    price numeric(20, 8),
    amount numeric(20, 8) not null,
    fees numeric(20, 8) not null default 0,
    taxes numeric(20, 8) not null default 0,
    currency text not null
        constraint transactions_currency_check check (currency ~ '^[A-Z][A-Z0-9]{2,7}$'),
    settlement_currency text
        constraint transactions_settlement_currency_check
        check (settlement_currency ~ '^[A-Z][A-Z0-9]{2,7}$'),
    fx_rate numeric(20, 10) constraint transactions_fx_rate_check check (fx_rate > 0),
    split_to numeric(20, 8) constraint transactions_split_to_check check (split_to > 0),
    split_from numeric(20, 8) constraint transactions_split_from_check check (split_from > 0),
    note text,
    -- The broker's own words, by which an export that is imported again is recognised.
    account text,
    external_id text,
    -- Recognises the same booking when it is imported again.
    fingerprint bytea not null,
    -- The content after the last edit: an export of it is recognised as well.
    edited_fingerprint bytea,
    import_id uuid,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (user_id, id),
    foreign key (user_id, portfolio_id) references portfolio.portfolios on delete cascade,
    foreign key (user_id, import_id) references portfolio.imports on delete no action,
    constraint transactions_instrument_check
        check (instrument_id is not null or type not in ('buy', 'sell', 'dividend', 'split')),
    constraint transactions_trade_check
        check (type not in ('buy', 'sell') or (quantity > 0 and price >= 0 and amount >= 0)),
    constraint transactions_cash_check
        check (type not in ('deposit', 'withdrawal') or amount > 0),
    constraint transactions_split_check
        check ((type = 'split') = (split_to is not null and split_from is not null)),
    constraint transactions_settlement_check
        check ((settlement_currency is null) = (fx_rate is null))
);
create unique index transactions_fingerprint_key
    on portfolio.transactions (user_id, portfolio_id, fingerprint);
create index transactions_edited_fingerprint_idx
    on portfolio.transactions (user_id, portfolio_id, edited_fingerprint)
    where edited_fingerprint is not null;
create index transactions_portfolio_date_idx
    on portfolio.transactions (user_id, portfolio_id, date desc, id desc);
create index transactions_date_idx on portfolio.transactions (user_id, date desc, id desc);
create index transactions_instrument_idx on portfolio.transactions (user_id, instrument_id);
create index transactions_import_idx on portfolio.transactions (user_id, import_id);
create index transactions_instrument_reference_idx on portfolio.transactions (instrument_id);
create trigger transactions_touch before update on portfolio.transactions
    for each row execute function platform.touch_updated_at();
alter table portfolio.transactions enable row level security;
alter table portfolio.transactions force row level security;
create policy transactions_owner on portfolio.transactions to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy transactions_system on portfolio.transactions to bursar_system using (true) with check (true);
grant select, insert, update, delete on portfolio.transactions to bursar_user, bursar_system;

-- Every statement that changes transactions moves the revision of the portfolios it touched once.
create function portfolio.bump_revision() returns trigger language plpgsql as $$
begin
    update portfolio.portfolios p
    set revision = revision + 1
    from (select distinct user_id, portfolio_id from changed) c
    where p.user_id = c.user_id and p.id = c.portfolio_id;
    return null;
end
$$;
create trigger transactions_inserted after insert on portfolio.transactions
    referencing new table as changed
    for each statement execute function portfolio.bump_revision();
create trigger transactions_updated after update on portfolio.transactions
    referencing new table as changed
    for each statement execute function portfolio.bump_revision();
-- A transaction may move to another portfolio: the one it left changes too.
create trigger transactions_moved after update on portfolio.transactions
    referencing old table as changed
    for each statement execute function portfolio.bump_revision();
create trigger transactions_deleted after delete on portfolio.transactions
    referencing old table as changed
    for each statement execute function portfolio.bump_revision();
