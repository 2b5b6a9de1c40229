-- Expirations that the source lists and that were not fetched with the first answer: they are asked for one by one,
-- and what is left here is where a broken fetch goes on.
alter table market.option_chains add column pending date[] not null default '{}';
