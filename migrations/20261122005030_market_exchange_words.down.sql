create or replace function market.match_exchange() returns trigger language plpgsql as $$
begin
    new.mic := case when new.exchange = '' then null else market.mic_of(new.exchange) end;
    return new;
end
$$;
create or replace function market.mic_of(word text) returns text language plpgsql stable as $$
declare
    wanted constant text := upper(word);
    found_mic text;
begin
    select mic into found_mic from market.exchanges where mic = wanted;
    if found_mic is null then
        select mic into found_mic from market.exchanges where code = wanted;
    end if;
    if found_mic is null then
        select mic into found_mic from market.exchanges where wanted = any (aliases);
    end if;
    return found_mic;
end
$$;
drop trigger exchanges_write_words on market.exchanges;
drop function market.write_exchange_words();
drop table market.exchange_words;
