drop table portfolio.portfolio_sync_log;
drop table portfolio.accepted_findings;
drop table portfolio.stated_balances;
