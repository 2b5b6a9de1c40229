drop table identity.mail_requests;
drop table identity.outbox;
