drop trigger transactions_keep_deleted on portfolio.transactions;
drop trigger transactions_keep_updated on portfolio.transactions;
drop trigger transactions_version on portfolio.transactions;
drop function portfolio.keep_former();
drop function portfolio.next_version();
drop table portfolio.transaction_versions;
