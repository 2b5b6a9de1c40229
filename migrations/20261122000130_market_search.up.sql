-- Finding an instrument by a part of its name or by a name that is misspelt, in a hundred thousand.
-- The extension is one that the owner of a database may install without being a superuser.
create schema extensions;
grant usage on schema extensions to bursar_user, bursar_system;
create extension pg_trgm schema extensions;

create index instruments_name_trgm_idx on market.instruments
    using gin (lower(name) extensions.gin_trgm_ops);
-- Beginnings, whatever the collation of the database.
create index instruments_symbol_prefix_idx on market.instruments (symbol text_pattern_ops);
create index instruments_name_prefix_idx on market.instruments (lower(name) text_pattern_ops);
