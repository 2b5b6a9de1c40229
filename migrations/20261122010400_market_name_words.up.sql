-- The words of all names, each once: whoever spells one wrongly is looked up among some ten thousand short
-- words rather than in every name. A word whose last name is gone does no harm: it finds nothing.
create table market.name_words (
    word text constraint name_words_pkey primary key
        constraint name_words_word_check check (word = lower(word) and length(word) between 4 and 50)
);
create index name_words_trgm_idx on market.name_words using gin (word extensions.gin_trgm_ops);
grant select on market.name_words to bursar_user;
grant select, insert on market.name_words to bursar_system;

create function market.keep_name_words() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into market.name_words (word)
    select distinct w.word
    from changed c
    cross join lateral regexp_split_to_table(lower(c.name), '[^[:alpha:]]+') as w (word)
    where not c.is_private and length(w.word) between 4 and 50
    order by w.word
    on conflict do nothing;
    return null;
end
$$;
create trigger instruments_inserted_words after insert on market.instruments
    referencing new table as changed
    for each statement execute function market.keep_name_words();
create trigger instruments_updated_words after update on market.instruments
    referencing new table as changed
    for each statement execute function market.keep_name_words();

insert into market.name_words (word)
select distinct w.word
from market.instruments i
cross join lateral regexp_split_to_table(lower(i.name), '[^[:alpha:]]+') as w (word)
where not i.is_private and length(w.word) between 4 and 50
on conflict do nothing;
