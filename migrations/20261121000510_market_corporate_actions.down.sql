drop table market.corporate_actions;
