create table market.bars_of_all_intervals (
    instrument_id uuid not null constraint bars_instrument_id_fkey references market.instruments on delete cascade,
    interval text not null default '1d'
        constraint bars_interval_check check (interval in ('1m', '5m', '15m', '1h', '1d')),
    at timestamptz not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    adjusted_close double precision,
    volume double precision,
    source text not null,
    observed_at timestamptz not null default statement_timestamp(),
    constraint bars_pkey primary key (instrument_id, interval, at),
    constraint bars_price_check check (
        open > 0 and high > 0 and low > 0 and close > 0 and high >= low * 0.999999
    ),
    constraint bars_volume_check check (volume >= 0)
);
insert into market.bars_of_all_intervals
select instrument_id, interval, at, open, high, low, close, adjusted_close, volume, source, observed_at
from market.bars;
drop view market.bars;
drop table market.bars_1m, market.bars_5m, market.bars_15m, market.bars_1h, market.bars_1d;
delete from platform.partitioned_tables where schema_name = 'market' and name like 'bars\_%';
alter table market.bars_of_all_intervals rename to bars;
grant select on market.bars to bursar_user;
grant select, insert, update, delete on market.bars to bursar_system;

drop function market.keep_replaced_bars();
drop function market.keep_deleted_bars();
alter table market.bar_versions drop column open, drop column high, drop column low, drop column volume;

create trigger bars_observe_again before update on market.bars
    for each row when (new.close is distinct from old.close)
    execute function market.observe_again();

create function market.keep_replaced_bars() returns trigger language plpgsql as $$
begin
    insert into market.bar_versions (instrument_id, interval, at, observed_at, replaced_at, close, source)
    select f.instrument_id, f.interval, f.at, f.observed_at, c.observed_at, f.close, f.source
    from former f
    join current c using (instrument_id, interval, at)
    where c.close is distinct from f.close;
    return null;
end
$$;
create trigger bars_keep_replaced after update on market.bars
    referencing old table as former new table as current
    for each statement execute function market.keep_replaced_bars();

create function market.keep_deleted_bars() returns trigger language plpgsql as $$
begin
    insert into market.bar_versions (instrument_id, interval, at, observed_at, replaced_at, close, source)
    select f.instrument_id, f.interval, f.at, f.observed_at, clock_timestamp(), f.close, f.source
    from former f
    where exists (select from market.instruments i where i.id = f.instrument_id);
    return null;
end
$$;
create trigger bars_keep_deleted after delete on market.bars
    referencing old table as former
    for each statement execute function market.keep_deleted_bars();
