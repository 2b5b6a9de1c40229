drop table portfolio.fund_weights;
drop table portfolio.asset_category_assignment;
drop table portfolio.category_rules;
drop table portfolio.vault_categories;
drop function portfolio.check_fund_weights();
drop function portfolio.check_category_weights();
drop function portfolio.check_categories();
