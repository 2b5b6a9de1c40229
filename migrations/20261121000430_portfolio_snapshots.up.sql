-- What each portfolio was worth, day by day: derived, built by a job from the first changed day on,
-- and free to be thrown away.
create table portfolio.portfolio_snapshots (
    user_id uuid not null,
    portfolio_id uuid not null,
    -- Midnight UTC of the day whose close this is.
    time timestamptz not null,
    currency text not null
        constraint portfolio_snapshots_currency_check check (currency ~ '^[A-Z][A-Z0-9]{2,7}$'),
    -- Holdings and cash; below zero where more is owed than owned.
    total_value numeric(20, 8) not null,
    cash_balance numeric(20, 8) not null default 0,
    net_invested numeric(20, 8) not null,
    -- Value less what was invested, and the same over what was invested: 0.12 is 12 %.
    total_gain numeric(20, 8) not null,
    total_gain_percent numeric(20, 8),
    -- Change since the day before that is no deposit and no withdrawal.
    day_change numeric(20, 8) not null,
    day_change_percent numeric(20, 8),
    holdings_count integer not null
        constraint portfolio_snapshots_holdings_count_check check (holdings_count >= 0),
    -- Value by asset class, cash included.
    asset_allocation jsonb not null
        constraint portfolio_snapshots_asset_allocation_check
        check (jsonb_typeof(asset_allocation) = 'object'),
    primary key (user_id, portfolio_id, time),
    constraint portfolio_snapshots_portfolio_fkey
        foreign key (user_id, portfolio_id) references portfolio.portfolios on delete cascade,
    constraint portfolio_snapshots_time_check
        check (time = date_trunc('day', time, 'UTC'))
);
alter table portfolio.portfolio_snapshots enable row level security;
alter table portfolio.portfolio_snapshots force row level security;
create policy portfolio_snapshots_owner on portfolio.portfolio_snapshots to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy portfolio_snapshots_system on portfolio.portfolio_snapshots to bursar_system
    using (true) with check (true);
-- The summary below is computed with the rights of the role that owns it.
create policy portfolio_snapshots_summary on portfolio.portfolio_snapshots for select to bursar_owner
    using (true);
create policy portfolios_summary on portfolio.portfolios for select to bursar_owner using (true);
grant select, insert, update, delete on portfolio.portfolio_snapshots to bursar_user, bursar_system;

-- How far the snapshots of a portfolio are right.
create table portfolio.snapshot_states (
    user_id uuid not null,
    portfolio_id uuid not null,
    -- The first day that is not; null where nothing has changed since they were built.
    dirty_from date,
    -- The last day there is; null before the first run.
    built_to date,
    -- The market as it was then, and when that was looked at.
    market_revision bigint not null default 0,
    market_seen_at timestamptz,
    primary key (user_id, portfolio_id),
    constraint snapshot_states_portfolio_fkey
        foreign key (user_id, portfolio_id) references portfolio.portfolios on delete cascade
);
create index snapshot_states_dirty_idx on portfolio.snapshot_states (user_id, portfolio_id)
    where dirty_from is not null;
alter table portfolio.snapshot_states enable row level security;
alter table portfolio.snapshot_states force row level security;
create policy snapshot_states_owner on portfolio.snapshot_states to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy snapshot_states_system on portfolio.snapshot_states to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on portfolio.snapshot_states to bursar_user, bursar_system;

-- Marks portfolios as changed from a day on, and queues the job that mends them.
create function portfolio.mark_dirty(of_user uuid, of_portfolio uuid, from_day date) returns void
language plpgsql as $$
begin
    insert into portfolio.snapshot_states as s (user_id, portfolio_id, dirty_from)
    values (of_user, of_portfolio, from_day)
    on conflict (user_id, portfolio_id) do update
        set dirty_from = least(s.dirty_from, excluded.dirty_from);
    perform platform.enqueue_job('portfolio.build_snapshots',
        jsonb_build_object('user_id', of_user, 'portfolio_id', of_portfolio), of_portfolio::text, 8);
end
$$;
grant execute on function portfolio.mark_dirty(uuid, uuid, date) to bursar_user, bursar_system;

create function portfolio.mark_changed_days() returns trigger language plpgsql as $$
declare
    one record;
begin
    for one in
        with touched as (
            select user_id, portfolio_id, min(date) as day from changed group by user_id, portfolio_id
        ),
        -- Lots move with a transfer, so what changes on one side changes the other.
        linked as (
            select distinct t.user_id, t.portfolio_id
            from portfolio.transactions t
            where t.transfer_id is not null and t.user_id in (select user_id from touched)
        )
        select d.user_id, d.portfolio_id, min(d.day) as day
        from (
            select * from touched
            union all
            select l.user_id, l.portfolio_id, t.day
            from linked l
            join touched t on t.user_id = l.user_id
            where exists (select from linked own
                          where own.user_id = t.user_id and own.portfolio_id = t.portfolio_id)
        ) d
        join portfolio.portfolios p on p.user_id = d.user_id and p.id = d.portfolio_id
        group by d.user_id, d.portfolio_id
        order by d.user_id, d.portfolio_id
    loop
        perform portfolio.mark_dirty(one.user_id, one.portfolio_id, one.day);
    end loop;
    return null;
end
$$;
create trigger transactions_mark_inserted after insert on portfolio.transactions
    referencing new table as changed
    for each statement execute function portfolio.mark_changed_days();
create trigger transactions_mark_updated after update on portfolio.transactions
    referencing new table as changed
    for each statement execute function portfolio.mark_changed_days();
create trigger transactions_mark_former after update on portfolio.transactions
    referencing old table as changed
    for each statement execute function portfolio.mark_changed_days();
create trigger transactions_mark_deleted after delete on portfolio.transactions
    referencing old table as changed
    for each statement execute function portfolio.mark_changed_days();

-- What a portfolio is counted in, and how, is true of all its days.
create function portfolio.mark_all_days() returns trigger language plpgsql as $$
begin
    perform portfolio.mark_dirty(new.user_id, new.id, date '0001-01-01');
    return null;
end
$$;
create trigger portfolios_mark_changed after update of currency, cost_basis, tracks_cash
    on portfolio.portfolios
    for each row when (
        (new.currency, new.cost_basis, new.tracks_cash)
            is distinct from (old.currency, old.cost_basis, old.tracks_cash)
    )
    execute function portfolio.mark_all_days();

-- What was there before this migration has no snapshots yet: the job finds it by its missing state.

-- The latest snapshot of every portfolio at once. It has no row-level security of its own, so nobody
-- but its owner can read it: people go through current_summaries().
create materialized view portfolio.portfolio_summary as
select p.id, p.user_id, s.time, p.currency,
       coalesce(s.holdings_count, 0) as number_of_holdings,
       coalesce(s.total_value, 0) as portfolio_value,
       coalesce(s.cash_balance, 0) as cash_balance,
       coalesce(s.net_invested, 0) as invested_amount,
       coalesce(s.total_gain, 0) as total_gain_loss,
       s.total_gain_percent as total_gain_loss_percent,
       coalesce(s.day_change, 0) as day_gain_loss,
       s.day_change_percent as day_gain_loss_percent,
       now() as last_updated
from portfolio.portfolios p
left join lateral (
    select * from portfolio.portfolio_snapshots x
    where x.user_id = p.user_id and x.portfolio_id = p.id
    order by x.time desc
    limit 1
) s on true;
-- Refreshing without locking readers out needs it.
create unique index portfolio_summary_id_key on portfolio.portfolio_summary (user_id, id);

-- The summaries of the person of the running unit of work, and of nobody else.
create function portfolio.current_summaries() returns setof portfolio.portfolio_summary
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select s.* from portfolio.portfolio_summary s where s.user_id = platform.current_user_id();
end;
grant execute on function portfolio.current_summaries() to bursar_user;

-- Only the owner of a materialised view may refresh it.
create function portfolio.refresh_summary() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    refresh materialized view concurrently portfolio.portfolio_summary;
end
$$;
grant execute on function portfolio.refresh_summary() to bursar_system;
