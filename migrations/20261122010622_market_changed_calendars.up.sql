-- Instruments that are traded by another calendar than the one by which their days were computed: another exchange
-- was stated, or another class. Their days are computed anew out of those minutes that are there.
create table market.changed_calendars (
    instrument_id uuid constraint changed_calendars_pkey primary key
        constraint changed_calendars_instrument_id_fkey references market.instruments on delete cascade,
    -- The calendar before; of several changes that before the first. Null where there was none.
    former text,
    marked_at timestamptz not null default clock_timestamp()
);
grant select on market.changed_calendars to bursar_user;
grant select, insert, update, delete on market.changed_calendars to bursar_system;

-- By which calendar days are made of minutes: that of the exchange, where it has one. Coins never rest, wherever they
-- are traded.
create function market.calendar_of_days(class text, exchange_mic text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select case when class = 'crypto' then '24/7'
                else (select calendar from market.exchanges where mic = exchange_mic) end
$$;
revoke execute on function market.calendar_of_days(text, text) from public;
grant execute on function market.calendar_of_days(text, text) to bursar_user, bursar_system;

create function market.mark_changed_calendar() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    former constant text := market.calendar_of_days(old.asset_class, old.mic);
begin
    if former is distinct from market.calendar_of_days(new.asset_class, new.mic) then
        insert into market.changed_calendars (instrument_id, former) values (new.id, former)
        on conflict (instrument_id) do nothing;
    end if;
    return null;
end
$$;
create trigger instruments_mark_changed_calendar after update on market.instruments
    for each row when (old.mic is distinct from new.mic or old.asset_class <> new.asset_class)
    execute function market.mark_changed_calendar();

-- Days of coins were computed by the sessions of the exchange, where one was stated.
insert into market.changed_calendars (instrument_id, former)
select i.id, e.calendar
from market.instruments i
join market.exchanges e on e.mic = i.mic
where i.asset_class = 'crypto' and e.calendar is not null;
