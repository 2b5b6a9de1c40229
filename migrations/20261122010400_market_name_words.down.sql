drop trigger instruments_updated_words on market.instruments;
drop trigger instruments_inserted_words on market.instruments;
drop function market.keep_name_words();
drop table market.name_words;
