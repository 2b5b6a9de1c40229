-- no-transaction
drop index concurrently portfolio.transactions_import_order_idx;
