drop table market.overrides;
drop table market.quarantine;
