drop table market.computed_days;
