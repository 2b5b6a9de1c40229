drop trigger transactions_updated_private on portfolio.transactions;
drop trigger transactions_inserted_private on portfolio.transactions;
drop table portfolio.appraisals;
drop table portfolio.private_assets;
drop function portfolio.check_private_instruments();
drop function portfolio.bump_revision_of_holders();
