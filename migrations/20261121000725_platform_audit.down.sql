drop trigger users_audit on identity.users;
drop trigger portfolios_audit on portfolio.portfolios;
drop trigger transactions_audit on portfolio.transactions;
drop function platform.audit_table(regclass, text, text, text);
drop function platform.audit_row();
drop function platform.without_secrets(jsonb);
drop table platform.audit;
drop function platform.refuse_truncate();
