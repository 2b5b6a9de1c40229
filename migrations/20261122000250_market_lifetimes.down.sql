drop function market.days_of(text);
drop function market.drop_packed_day(date);
drop function market.drop_day(text, date);
drop table market.upkeep;
