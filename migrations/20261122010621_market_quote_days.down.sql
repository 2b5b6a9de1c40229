alter table market.quotes drop column day;
