drop table market.sent_requests;
