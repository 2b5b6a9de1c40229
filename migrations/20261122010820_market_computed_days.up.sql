-- Up to when the last day that was computed out of minutes is known: until its session is over, its close is no more
-- than the price of that moment, and a quote of the same day may be younger.
create table market.computed_days (
    instrument_id uuid constraint computed_days_pkey primary key
        constraint computed_days_instrument_id_fkey references market.instruments on delete cascade,
    -- The trading day.
    date date not null,
    -- The end of the last minute that is in its bar.
    until timestamptz not null
);
grant select on market.computed_days to bursar_user;
grant select, insert, update, delete on market.computed_days to bursar_system;
