-- What indices stood at, and what every instrument did last: the board of the market reads both.
create table market.market_indices (
    -- An instrument of the class index.
    instrument_id uuid not null references market.instruments on delete cascade,
    at timestamptz not null,
    value double precision not null constraint market_indices_value_check check (value > 0),
    -- Against the close before.
    change double precision,
    -- In percent points.
    change_percent double precision,
    volume double precision constraint market_indices_volume_check check (volume >= 0),
    source text not null,
    constraint market_indices_pkey primary key (instrument_id, at)
);
create index market_indices_at_idx on market.market_indices (at desc, instrument_id);
grant select on market.market_indices to bursar_user;
grant select, insert, update, delete on market.market_indices to bursar_system;

create function market.check_index_class() returns trigger language plpgsql as $$
begin
    if not exists (
        select from market.instruments where id = new.instrument_id and asset_class = 'index'
    ) then
        raise exception 'a value of an index needs an instrument of the class index' using
            errcode = 'check_violation', constraint = 'market_indices_class_check';
    end if;
    return new;
end
$$;
create trigger market_indices_class before insert or update of instrument_id on market.market_indices
    for each row execute function market.check_index_class();

-- Derived from daily bars by a job: what the board and the screener sort and filter by. It may be
-- thrown away and computed again at any time.
create table market.daily_figures (
    instrument_id uuid constraint daily_figures_pkey primary key
        references market.instruments on delete cascade,
    -- The day of the last bar.
    date date not null,
    -- In the currency of the instrument, as are the other prices.
    close double precision not null,
    previous_close double precision,
    -- Of the close against the close before, in percent points; computed from what was observed, so a
    -- split shows as what it is.
    change_percent double precision,
    volume double precision,
    low_52w double precision not null,
    high_52w double precision not null,
    -- Where the close stands between them, 0 to 100.
    position_52w double precision
);
create index daily_figures_change_idx on market.daily_figures (change_percent, instrument_id);
create index daily_figures_volume_idx on market.daily_figures (volume, instrument_id);
grant select on market.daily_figures to bursar_user;
grant select, insert, update, delete on market.daily_figures to bursar_system;

-- The market's revision for which the figures above were computed.
create table market.daily_figures_state (
    is_single boolean primary key default true check (is_single),
    revision bigint not null
);
insert into market.daily_figures_state (revision) values (0);
grant select on market.daily_figures_state to bursar_user;
grant select, update on market.daily_figures_state to bursar_system;
