drop table market.cache_counters;
drop table market.market_data_cache;
