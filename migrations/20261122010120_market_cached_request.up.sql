-- What a source calls ETag and Last-Modified belongs to the request that it answered, its span included, and says
-- nothing about another.
alter table market.market_data_cache add column request text;
