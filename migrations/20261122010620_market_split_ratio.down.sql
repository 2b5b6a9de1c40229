drop function market.split_ratio(uuid, date, date);
drop aggregate market.product(double precision);
