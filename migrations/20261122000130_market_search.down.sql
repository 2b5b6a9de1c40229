drop index market.instruments_name_prefix_idx;
drop index market.instruments_symbol_prefix_idx;
drop index market.instruments_name_trgm_idx;
drop extension pg_trgm;
drop schema extensions;
