drop table market.fundamentals;
