drop trigger instruments_match_exchange on market.instruments;
drop function market.match_exchange();
alter table market.instruments drop column mic;
drop function market.mic_of(text);
drop table market.exchanges;
