alter table market.refreshes drop column misses, drop column next_at, drop column reason;
