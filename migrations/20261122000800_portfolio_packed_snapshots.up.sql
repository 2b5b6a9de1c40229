-- Snapshots of calendar years that ended a year ago, packed: one row holds a year of a portfolio as JSON, which
-- the server compresses. Readers see them in the view of all snapshots; whoever builds days of a packed year
-- anew unpacks it first.
create table portfolio.packed_snapshots (
    user_id uuid not null,
    portfolio_id uuid not null,
    year integer not null,
    -- The rows of portfolio.portfolio_snapshots, without their keys.
    days jsonb not null
        constraint packed_snapshots_days_check check (jsonb_typeof(days) = 'array'),
    primary key (user_id, portfolio_id, year),
    constraint packed_snapshots_portfolio_fkey
        foreign key (user_id, portfolio_id) references portfolio.portfolios on delete cascade
);
alter table portfolio.packed_snapshots enable row level security;
alter table portfolio.packed_snapshots force row level security;
create policy packed_snapshots_owner on portfolio.packed_snapshots to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy packed_snapshots_system on portfolio.packed_snapshots to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on portfolio.packed_snapshots to bursar_user, bursar_system;

create view portfolio.all_snapshots with (security_invoker = true) as
    select user_id, portfolio_id, time, currency, total_value, cash_balance, net_invested, total_gain,
           total_gain_percent, day_change, day_change_percent, holdings_count, asset_allocation
    from portfolio.portfolio_snapshots
    union all
    select p.user_id, p.portfolio_id, d.*
    from portfolio.packed_snapshots p
    cross join lateral jsonb_to_recordset(p.days)
        as d (time timestamptz, currency text, total_value numeric(20, 8), cash_balance numeric(20, 8),
              net_invested numeric(20, 8), total_gain numeric(20, 8), total_gain_percent numeric(20, 8),
              day_change numeric(20, 8), day_change_percent numeric(20, 8), holdings_count integer,
              asset_allocation jsonb);
grant select on portfolio.all_snapshots to bursar_user, bursar_system;

-- Packs the years that ended before an instant; how many days. A portfolio that is being built is left for
-- the next time: whoever builds holds its state.
create function portfolio.pack_snapshots(before timestamptz) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    packed bigint;
begin
    with free as materialized (
        select user_id, portfolio_id from portfolio.snapshot_states for update skip locked
    ), taken as (
        delete from portfolio.portfolio_snapshots s
        using free f
        where s.user_id = f.user_id and s.portfolio_id = f.portfolio_id
            and s.time < date_trunc('year', before, 'UTC')
        returning s.*
    ), stored as (
        insert into portfolio.packed_snapshots as p (user_id, portfolio_id, year, days)
        select user_id, portfolio_id, extract(year from time at time zone 'UTC')::integer,
               jsonb_agg(to_jsonb(taken) - 'user_id' - 'portfolio_id' order by time)
        from taken
        group by 1, 2, 3
        -- Of a year that is packed already only days that were added are left.
        on conflict (user_id, portfolio_id, year) do update set days = p.days || excluded.days
    )
    select count(*) into packed from taken;
    return packed;
end
$$;
revoke execute on function portfolio.pack_snapshots(timestamptz) from public;
grant execute on function portfolio.pack_snapshots(timestamptz) to bursar_system;

-- Makes rows again of the packed years of a portfolio in which a day, or a later one, lies.
create function portfolio.unpack_snapshots(of_portfolio uuid, from_day date) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    unpacked bigint;
begin
    with taken as (
        delete from portfolio.packed_snapshots
        where portfolio_id = of_portfolio and year >= extract(year from from_day)
        returning *
    )
    insert into portfolio.portfolio_snapshots
        (user_id, portfolio_id, time, currency, total_value, cash_balance, net_invested, total_gain,
         total_gain_percent, day_change, day_change_percent, holdings_count, asset_allocation)
    select t.user_id, t.portfolio_id, d.*
    from taken t
    cross join lateral jsonb_to_recordset(t.days)
        as d (time timestamptz, currency text, total_value numeric, cash_balance numeric,
              net_invested numeric, total_gain numeric, total_gain_percent numeric, day_change numeric,
              day_change_percent numeric, holdings_count integer, asset_allocation jsonb);
    get diagnostics unpacked = row_count;
    return unpacked;
end
$$;
revoke execute on function portfolio.unpack_snapshots(uuid, date) from public;
grant execute on function portfolio.unpack_snapshots(uuid, date) to bursar_user;
