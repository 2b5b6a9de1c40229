drop table portfolio.corporate_action_decisions;
drop index portfolio.transactions_corporate_action_reference_idx;
drop index portfolio.transactions_corporate_action_key;
alter table portfolio.transactions
    drop constraint transactions_corporate_action_check,
    drop column corporate_action_terms,
    drop column corporate_action_id;
