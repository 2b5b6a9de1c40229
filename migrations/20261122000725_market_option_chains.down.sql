drop table market.option_quotes;
drop table market.option_chains;
drop table market.option_contracts;
