drop function market.trading_calendar(text, text);
drop function market.is_fetched(text, boolean, boolean);
