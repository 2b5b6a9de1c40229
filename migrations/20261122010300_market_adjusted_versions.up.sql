-- What a source adjusted is a statement like any other: its correction keeps what it was. And what a
-- source states while a person's close stands is kept, so that it counts when that close is withdrawn.
alter table market.bar_versions
    add column adjusted_close double precision,
    -- A statement that never counted, because a person's close stood: it is the present bar of no time.
    add column is_refused boolean not null default false;

-- The interval is the argument of the trigger. What was computed again from the same bars is no
-- correction by anybody, unless it is about a day that was over.
create or replace function market.keep_replaced_bars() returns trigger language plpgsql as $$
begin
    insert into market.bar_versions
        (instrument_id, interval, at, observed_at, replaced_at, open, high, low, close, adjusted_close,
         volume, source)
    select f.instrument_id, tg_argv[0], f.at, f.observed_at, c.observed_at, f.open, f.high, f.low,
           f.close, f.adjusted_close, f.volume, f.source
    from former f
    join current c using (instrument_id, at)
    where ((f.open, f.high, f.low, f.close) is distinct from (c.open, c.high, c.low, c.close)
           or f.volume <> c.volume or f.adjusted_close <> c.adjusted_close)
        and (f.source <> 'rollup' or c.source <> 'rollup'
             or (tg_argv[0] = '1d' and c.observed_at >= f.at + interval '1 day'));
    return null;
end
$$;
create or replace function market.keep_deleted_bars() returns trigger language plpgsql as $$
begin
    insert into market.bar_versions
        (instrument_id, interval, at, observed_at, replaced_at, open, high, low, close, adjusted_close,
         volume, source)
    select f.instrument_id, tg_argv[0], f.at, f.observed_at, clock_timestamp(), f.open, f.high, f.low,
           f.close, f.adjusted_close, f.volume, f.source
    from former f
    where exists (select from market.instruments i where i.id = f.instrument_id);
    return null;
end
$$;
do $$
declare
    name text;
begin
    foreach name in array array['bars_1m', 'bars_5m', 'bars_15m', 'bars_1h', 'bars_1d'] loop
        execute format('drop trigger %I on market.%I', name || '_observe_again', name);
        execute format(
            'create trigger %I before update on market.%I
                 for each row when ((new.open, new.high, new.low, new.close)
                                    is distinct from (old.open, old.high, old.low, old.close)
                                    or new.volume <> old.volume
                                    or new.adjusted_close <> old.adjusted_close)
                 execute function market.observe_again()', name || '_observe_again', name);
    end loop;
end
$$;

-- A close that a person stated stays whatever a source says, by whichever door it comes. What it says is
-- kept once; saying it again is nothing new. An adjusted close that was not stated is the one that
-- stands, so it is none of the source.
create or replace function market.keep_override() returns trigger language plpgsql as $$
declare
    adjusted constant double precision :=
        case when new.adjusted_close is distinct from old.adjusted_close then new.adjusted_close end;
begin
    if not exists (
        select from market.overrides o
        where o.instrument_id = old.instrument_id and o.date = (old.at at time zone 'UTC')::date
    ) then
        return new;
    end if;
    insert into market.bar_versions
        (instrument_id, interval, at, observed_at, replaced_at, open, high, low, close, adjusted_close,
         volume, source, is_refused)
    select new.instrument_id, '1d', new.at, clock_timestamp(), clock_timestamp(), new.open, new.high,
           new.low, new.close, adjusted, new.volume, new.source, true
    where not exists (
        select
        from (
            select v.*
            from market.bar_versions v
            where v.instrument_id = new.instrument_id and v.interval = '1d' and v.at = new.at
                and v.source <> 'override'
            order by v.replaced_at desc
            limit 1
        ) last
        where (last.open, last.high, last.low, last.close, last.volume, last.source)
            is not distinct from (new.open, new.high, new.low, new.close, new.volume, new.source)
          and (adjusted is null or last.adjusted_close is not distinct from adjusted)
    );
    return null;
end
$$;
