-- What sources are asked for and by which calendar it trades, each said once: three queries ask for the one and two
-- for the other. As plain expressions the planner puts them into the queries themselves.
create function market.is_fetched(asset_class text, is_active boolean, is_private boolean) returns boolean
language sql immutable parallel safe
return is_active and not is_private and asset_class not in ('option', 'cash', 'liability', 'alternative');
grant execute on function market.is_fetched(text, boolean, boolean) to bursar_user, bursar_system;

-- Crypto currencies never rest; what trades nobody knows where keeps weekends and no holidays.
create function market.trading_calendar(asset_class text, of_exchange text) returns text
language sql immutable parallel safe
return case when asset_class = 'crypto' then '24/7' else coalesce(of_exchange, '24/5') end;
grant execute on function market.trading_calendar(text, text) to bursar_user, bursar_system;
