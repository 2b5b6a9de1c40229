alter table market.market_data_cache drop column request;
