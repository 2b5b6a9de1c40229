drop table market.interests;
drop table market.refreshes;
