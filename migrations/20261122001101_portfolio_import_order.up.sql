-- no-transaction
-- An import is taken back from its end, so that what is left is always the beginning of its file. Nobody who
-- writes transactions waits for the index of the largest table.
create index concurrently transactions_import_order_idx on portfolio.transactions (user_id, import_id, id);
