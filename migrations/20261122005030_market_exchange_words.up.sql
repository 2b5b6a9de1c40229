-- Which exchange a word means, looked up once for every row of a bulk load: all words in one index, instead of three
-- looks at the exchanges. A MIC counts before a common code, a code before another word.
create table market.exchange_words (
    word text constraint exchange_words_pkey primary key,
    mic text not null constraint exchange_words_mic_fkey references market.exchanges on delete cascade
);
grant select on market.exchange_words to bursar_user;
grant select, insert, update, delete on market.exchange_words to bursar_system;

create function market.write_exchange_words() returns trigger language plpgsql as $$
begin
    delete from market.exchange_words;
    insert into market.exchange_words (word, mic)
    select distinct on (named.word) named.word, named.mic
    from (
        select mic as word, mic, 1 as place from market.exchanges
        union all
        select code, mic, 2 from market.exchanges
        union all
        select alias, mic, 3 from market.exchanges, unnest(aliases) as alias
    ) named
    order by named.word, named.place, named.mic;
    return null;
end
$$;
create trigger exchanges_write_words after insert or update or delete on market.exchanges
    for each statement execute function market.write_exchange_words();
-- Fills it.
update market.exchanges set name = name;

create or replace function market.mic_of(word text) returns text language sql stable as $$
    select w.mic from market.exchange_words w where w.word = upper($1)
$$;

-- The look-up stands in the trigger itself: one statement whose plan is kept.
create or replace function market.match_exchange() returns trigger language plpgsql as $$
begin
    if new.exchange = '' then
        new.mic := null;
    else
        select w.mic into new.mic from market.exchange_words w where w.word = upper(new.exchange);
    end if;
    return new;
end
$$;
