alter table portfolio.stated_balances drop constraint stated_balances_what_check;
-- The currency of a position was never used; any one fills the column.
update portfolio.stated_balances set currency = 'USD' where currency is null;
alter table portfolio.stated_balances alter column currency set not null;
