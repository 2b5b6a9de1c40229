drop table market.quotes;
drop sequence market.quote_sequence;
