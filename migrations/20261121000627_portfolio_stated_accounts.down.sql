alter table portfolio.stated_balances add column cost numeric(20, 8);
alter table portfolio.stated_balances drop column account;
