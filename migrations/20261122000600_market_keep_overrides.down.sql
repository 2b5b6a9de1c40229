drop trigger bars_1d_keep_override on market.bars_1d;
drop function market.keep_override();
