do $$
declare
    bars text;
begin
    foreach bars in array array['bars_1m', 'bars_5m', 'bars_15m', 'bars_1h', 'bars_1d'] loop
        execute format('alter table market.%I drop constraint bars_price_check', bars);
        execute format('alter table market.%I add constraint bars_price_check check (
                            open > 0 and high > 0 and low > 0 and close > 0 and high >= low * 0.999999)', bars);
    end loop;
end
$$;
