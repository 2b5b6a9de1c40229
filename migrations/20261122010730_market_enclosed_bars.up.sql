-- High is not below low, not even by what rounding takes: whatever comes in rounded is put right before it is stored.
do $$
declare
    bars text;
begin
    foreach bars in array array['bars_1m', 'bars_5m', 'bars_15m', 'bars_1h', 'bars_1d'] loop
        execute format('update market.%I set high = low, low = high where high < low', bars);
        execute format('alter table market.%I drop constraint bars_price_check', bars);
        execute format('alter table market.%I add constraint bars_price_check check (
                            open > 0 and high > 0 and low > 0 and close > 0 and high >= low)', bars);
    end loop;
end
$$;
