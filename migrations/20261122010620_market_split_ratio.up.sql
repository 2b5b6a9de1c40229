-- By what splits and stock dividends divide a close of one day so that it compares with a price of a later one. The
-- only place of it in the database: movers, screens and the change of a price go by it.
create aggregate market.product(double precision) (
    sfunc = float8mul, stype = double precision, initcond = '1'
);

-- Of those with an ex-date after the day of the close and not after that of the price; 1 where there are none. A stock
-- dividend states the new shares for the old ones, which stay.
create function market.split_ratio(of_instrument uuid, close_day date, price_day date) returns double precision
language sql stable set search_path = pg_catalog, pg_temp as $$
    select market.product(
        ((case when type = 'stock_dividend' then 1 else 0 end) + ratio_to / ratio_from)::double precision
        order by ex_date, id)
    from market.corporate_actions
    where instrument_id = of_instrument
        and type in ('split', 'stock_dividend')
        and withdrawn_at is null
        and ex_date > close_day
        and ex_date <= price_day
$$;
revoke execute on function market.product(double precision) from public;
revoke execute on function market.split_ratio(uuid, date, date) from public;
grant execute on function market.product(double precision) to bursar_user, bursar_system;
grant execute on function market.split_ratio(uuid, date, date) to bursar_user, bursar_system;
