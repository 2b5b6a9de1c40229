-- Bars of each interval in a table of its own, in partitions of time: minutes go after a month, days stay
-- for ever, and no read of days passes minutes. The view of all of them keeps the former name.
create function market.create_bars(bar_interval text) returns void language plpgsql as $$
begin
    execute format($sql$
        create table market.%1$I (
            instrument_id uuid not null
                constraint %2$I references market.instruments on delete cascade,
            -- Start of the bar; for days midnight UTC of the trading day.
            at timestamptz not null,
            open double precision not null,
            high double precision not null,
            low double precision not null,
            close double precision not null,
            adjusted_close double precision,
            volume double precision,
            -- Who stated it; 'rollup' where it was computed from shorter bars or ticks.
            source text not null,
            observed_at timestamptz not null default statement_timestamp(),
            constraint %3$I primary key (instrument_id, at),
            -- Sources round, so a high may fall short of the low by a millionth.
            constraint bars_price_check check (
                open > 0 and high > 0 and low > 0 and close > 0 and high >= low * 0.999999
            ),
            constraint bars_volume_check check (volume >= 0)
        ) partition by range (at)
    $sql$, 'bars_' || bar_interval, 'bars_' || bar_interval || '_instrument_id_fkey',
        'bars_' || bar_interval || '_pkey');
    execute format('grant select on market.%I to bursar_user', 'bars_' || bar_interval);
    execute format('grant select, insert, update, delete on market.%I to bursar_system',
                   'bars_' || bar_interval);
end
$$;
select market.create_bars(i) from unnest(array['1m', '5m', '15m', '1h', '1d']) as i;
drop function market.create_bars(text);

insert into platform.partitioned_tables (schema_name, name, step, since) values
    ('market', 'bars_1m', 'day', null),
    ('market', 'bars_5m', 'month', null),
    ('market', 'bars_15m', 'month', null),
    ('market', 'bars_1h', 'month', null),
    ('market', 'bars_1d', 'decade', '1990-01-01 00:00:00+00');
create table market.bars_1d_earlier partition of market.bars_1d
    for values from (minvalue) to ('1990-01-01 00:00:00+00');
select platform.ensure_partition('market.bars_1d', make_timestamptz(y, 1, 1, 0, 0, 0, 'UTC'))
from generate_series(1990, 2030, 10) as y;
select platform.ensure_partition('market.bars_' || p.interval, p.at)
from (
    select distinct b.interval, date_trunc(case b.interval when '1m' then 'day' when '1d' then 'decade' else 'month' end, b.at, 'UTC') as at
    from market.bars b
) p;

do $$
declare
    bar_interval text;
begin
    foreach bar_interval in array array['1m', '5m', '15m', '1h', '1d'] loop
        execute format(
            'insert into market.%I (instrument_id, at, open, high, low, close, adjusted_close, volume, source, observed_at)
             select instrument_id, at, open, high, low, close, adjusted_close, volume, source, observed_at
             from market.bars where interval = %L order by instrument_id, at',
            'bars_' || bar_interval, bar_interval);
    end loop;
end
$$;

-- A correction keeps the whole bar; of those that were kept before, only the close is known.
alter table market.bar_versions
    add column open double precision,
    add column high double precision,
    add column low double precision,
    add column volume double precision;

drop table market.bars;
drop function market.keep_replaced_bars();
drop function market.keep_deleted_bars();

-- The interval is the argument of the trigger. What was computed again from the same bars is no
-- correction by anybody, unless it is about a day that was over.
create function market.keep_replaced_bars() returns trigger language plpgsql as $$
begin
    insert into market.bar_versions
        (instrument_id, interval, at, observed_at, replaced_at, open, high, low, close, volume, source)
    select f.instrument_id, tg_argv[0], f.at, f.observed_at, c.observed_at, f.open, f.high, f.low,
           f.close, f.volume, f.source
    from former f
    join current c using (instrument_id, at)
    where ((f.open, f.high, f.low, f.close) is distinct from (c.open, c.high, c.low, c.close)
           or f.volume <> c.volume)
        and (f.source <> 'rollup' or c.source <> 'rollup'
             or (tg_argv[0] = '1d' and c.observed_at >= f.at + interval '1 day'));
    return null;
end
$$;
create function market.keep_deleted_bars() returns trigger language plpgsql as $$
begin
    insert into market.bar_versions
        (instrument_id, interval, at, observed_at, replaced_at, open, high, low, close, volume, source)
    select f.instrument_id, tg_argv[0], f.at, f.observed_at, clock_timestamp(), f.open, f.high, f.low,
           f.close, f.volume, f.source
    from former f
    where exists (select from market.instruments i where i.id = f.instrument_id);
    return null;
end
$$;
do $$
declare
    bar_interval text;
    name text;
begin
    foreach bar_interval in array array['1m', '5m', '15m', '1h', '1d'] loop
        name := 'bars_' || bar_interval;
        execute format(
            'create trigger %I before update on market.%I
                 for each row when ((new.open, new.high, new.low, new.close)
                                    is distinct from (old.open, old.high, old.low, old.close)
                                    or new.volume <> old.volume)
                 execute function market.observe_again()', name || '_observe_again', name);
        execute format(
            'create trigger %I after update on market.%I
                 referencing old table as former new table as current
                 for each statement execute function market.keep_replaced_bars(%L)',
            name || '_keep_replaced', name, bar_interval);
    end loop;
end
$$;
-- Shorter bars leave by compaction and by their age; a day that is deleted is a correction.
create trigger bars_1d_keep_deleted after delete on market.bars_1d
    referencing old table as former
    for each statement execute function market.keep_deleted_bars('1d');

create view market.bars with (security_invoker = true) as
    select instrument_id, '1m'::text as interval, at, open, high, low, close, adjusted_close, volume,
           source, observed_at
    from market.bars_1m
    union all
    select instrument_id, '5m'::text, at, open, high, low, close, adjusted_close, volume, source,
           observed_at
    from market.bars_5m
    union all
    select instrument_id, '15m'::text, at, open, high, low, close, adjusted_close, volume, source,
           observed_at
    from market.bars_15m
    union all
    select instrument_id, '1h'::text, at, open, high, low, close, adjusted_close, volume, source,
           observed_at
    from market.bars_1h
    union all
    select instrument_id, '1d'::text, at, open, high, low, close, adjusted_close, volume, source,
           observed_at
    from market.bars_1d;
grant select on market.bars to bursar_user, bursar_system;
