alter table market.option_chains drop column pending;
