-- When each price and rate became known, and what it replaced: the reason why a past value changed.
-- What is there already counts as known since ever. The time of the statement, not of the
-- transaction: whoever waited for a lock must not seem to have written before it.
alter table market.bars add column observed_at timestamptz not null default '-infinity';
alter table market.bars alter column observed_at set default statement_timestamp();
alter table market.fx_rates add column observed_at timestamptz not null default '-infinity';
alter table market.fx_rates alter column observed_at set default statement_timestamp();
alter table market.simulated_fx_rates add column observed_at timestamptz not null default '-infinity';
alter table market.simulated_fx_rates alter column observed_at set default statement_timestamp();

-- Closes that stand no more. Bars of an instrument that goes leave none.
create table market.bar_versions (
    instrument_id uuid not null references market.instruments on delete cascade,
    interval text not null,
    at timestamptz not null,
    observed_at timestamptz not null,
    replaced_at timestamptz not null,
    close double precision not null,
    source text not null,
    primary key (instrument_id, interval, at, replaced_at)
);
grant select on market.bar_versions to bursar_user;
grant select, insert, update, delete on market.bar_versions to bursar_system;

create table market.fx_rate_versions (
    base text not null,
    quote text not null,
    date date not null,
    observed_at timestamptz not null,
    replaced_at timestamptz not null,
    rate double precision not null,
    source text not null,
    primary key (base, quote, date, replaced_at)
);
grant select on market.fx_rate_versions to bursar_user;
grant select, insert, update, delete on market.fx_rate_versions to bursar_system;

create function market.observe_again() returns trigger language plpgsql as $$
begin
    new.observed_at := greatest(clock_timestamp(), old.observed_at);
    return new;
end
$$;
create trigger bars_observe_again before update on market.bars
    for each row when (new.close is distinct from old.close)
    execute function market.observe_again();
create trigger fx_rates_observe_again before update on market.fx_rates
    for each row when (new.rate is distinct from old.rate)
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

create function market.keep_replaced_rates() returns trigger language plpgsql as $$
begin
    insert into market.fx_rate_versions (base, quote, date, observed_at, replaced_at, rate, source)
    select f.base, f.quote, f.date, f.observed_at, c.observed_at, f.rate, f.source
    from former f
    join current c using (base, quote, date)
    where c.rate is distinct from f.rate;
    return null;
end
$$;
create trigger fx_rates_keep_replaced after update on market.fx_rates
    referencing old table as former new table as current
    for each statement execute function market.keep_replaced_rates();
