delete from platform.partitioned_tables where schema_name = 'market' and name = 'ticks';
drop table market.ticks;
