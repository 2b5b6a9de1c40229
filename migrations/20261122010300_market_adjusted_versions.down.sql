delete from market.bar_versions where is_refused;
create or replace function market.keep_override() returns trigger language plpgsql as $$
begin
    if exists (
        select from market.overrides o
        where o.instrument_id = old.instrument_id and o.date = (old.at at time zone 'UTC')::date
    ) then
        return null;
    end if;
    return new;
end
$$;
create or replace function market.keep_replaced_bars() returns trigger language plpgsql as $$
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
create or replace function market.keep_deleted_bars() returns trigger language plpgsql as $$
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
    name text;
begin
    foreach name in array array['bars_1m', 'bars_5m', 'bars_15m', 'bars_1h', 'bars_1d'] loop
        execute format('drop trigger %I on market.%I', name || '_observe_again', name);
        execute format(
            'create trigger %I before update on market.%I
                 for each row when ((new.open, new.high, new.low, new.close)
                                    is distinct from (old.open, old.high, old.low, old.close)
                                    or new.volume <> old.volume)
                 execute function market.observe_again()', name || '_observe_again', name);
    end loop;
end
$$;
alter table market.bar_versions drop column is_refused, drop column adjusted_close;
