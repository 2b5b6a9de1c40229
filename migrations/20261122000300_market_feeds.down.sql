drop table market.fetches;
drop table market.provider_symbols;
drop table market.provider_orders;
drop table market.provider_keys;
drop table market.providers;
