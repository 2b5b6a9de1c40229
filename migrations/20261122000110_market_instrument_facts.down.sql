drop trigger instruments_keep_symbol on market.instruments;
drop function market.keep_symbol();
drop table market.symbol_history;
drop index market.instruments_sector_idx;
drop index market.instruments_country_idx;
alter table market.instruments
    drop column industry,
    drop column market_cap_bucket,
    drop column market_cap,
    drop column pe_bucket,
    drop column pe_ratio,
    drop column figi,
    drop column cusip,
    drop column listed_on,
    drop column delisted_on;
