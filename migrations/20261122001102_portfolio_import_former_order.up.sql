-- no-transaction
-- The index that also knows the order does its work.
drop index concurrently portfolio.transactions_import_idx;
