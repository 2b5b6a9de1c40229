-- What broker files state as the result, findings that somebody accepts, and a record of every run.
create table portfolio.stated_balances (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null default gen_random_uuid(),
    portfolio_id uuid not null,
    import_id uuid not null,
    -- Cash where it is empty.
    instrument_id uuid references market.instruments on delete cascade,
    currency text not null
        constraint stated_balances_currency_check check (currency ~ '^[A-Z][A-Z0-9]{2,7}$'),
    stated_on date not null,
    -- Shares, or money of the currency.
    quantity numeric(20, 8) not null,
    -- What the shares cost, where the file says.
    cost numeric(20, 8),
    created_at timestamptz not null default now(),
    primary key (user_id, id),
    foreign key (user_id, portfolio_id) references portfolio.portfolios on delete cascade,
    foreign key (user_id, import_id) references portfolio.imports on delete cascade
);
create index stated_balances_portfolio_idx on portfolio.stated_balances (user_id, portfolio_id, stated_on);
create index stated_balances_import_idx on portfolio.stated_balances (user_id, import_id);
create index stated_balances_instrument_idx on portfolio.stated_balances (instrument_id)
    where instrument_id is not null;
alter table portfolio.stated_balances enable row level security;
alter table portfolio.stated_balances force row level security;
create policy stated_balances_owner on portfolio.stated_balances to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy stated_balances_system on portfolio.stated_balances to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on portfolio.stated_balances to bursar_user, bursar_system;

create table portfolio.accepted_findings (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null default gen_random_uuid(),
    -- Code, instrument, day and transaction of the finding.
    finding text not null
        constraint accepted_findings_finding_check check (length(finding) between 1 and 300),
    note text,
    accepted_at timestamptz not null default now(),
    primary key (user_id, id)
);
create unique index accepted_findings_key on portfolio.accepted_findings (user_id, finding);
alter table portfolio.accepted_findings enable row level security;
alter table portfolio.accepted_findings force row level security;
create policy accepted_findings_owner on portfolio.accepted_findings to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy accepted_findings_system on portfolio.accepted_findings to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on portfolio.accepted_findings to bursar_user, bursar_system;

create table portfolio.portfolio_sync_log (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null default gen_random_uuid(),
    portfolio_id uuid,
    import_id uuid,
    sync_source text not null constraint portfolio_sync_log_sync_source_check
        check (sync_source in ('csv', 'ibkr', 'kucoin', 'kraken', 'tiger', 'manual')),
    status text not null constraint portfolio_sync_log_status_check
        check (status in ('success', 'error', 'partial', 'pending')),
    records_imported integer not null default 0
        constraint portfolio_sync_log_records_positive check (records_imported >= 0),
    error_message text,
    filename text,
    sync_started timestamptz not null,
    sync_completed timestamptz not null,
    -- Format, duplicates and refused lines.
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    primary key (user_id, id),
    foreign key (user_id, portfolio_id) references portfolio.portfolios on delete cascade,
    foreign key (user_id, import_id) references portfolio.imports on delete cascade
);
create index portfolio_sync_log_created_idx on portfolio.portfolio_sync_log (user_id, created_at desc);
create index portfolio_sync_log_portfolio_idx on portfolio.portfolio_sync_log (user_id, portfolio_id);
create index portfolio_sync_log_import_idx on portfolio.portfolio_sync_log (user_id, import_id);
alter table portfolio.portfolio_sync_log enable row level security;
alter table portfolio.portfolio_sync_log force row level security;
create policy portfolio_sync_log_owner on portfolio.portfolio_sync_log to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy portfolio_sync_log_system on portfolio.portfolio_sync_log to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on portfolio.portfolio_sync_log to bursar_user, bursar_system;
