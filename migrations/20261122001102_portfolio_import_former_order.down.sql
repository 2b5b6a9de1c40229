-- no-transaction
create index concurrently transactions_import_idx on portfolio.transactions (user_id, import_id);
